/** The token between two visits: forgotten with the tab, or kept on this device if its user wants that. */

const key = 'offhook-token';

export function storedToken(): string | null {
  try {
    return sessionStorage.getItem(key) ?? localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function storeToken(token: string, keep: boolean): void {
  try {
    (keep ? localStorage : sessionStorage).setItem(key, token);
  } catch {
    // A browser that keeps nothing asks again.
  }
}

export function forgetToken(): void {
  try {
    sessionStorage.removeItem(key);
    localStorage.removeItem(key);
  } catch {
    // Nothing was kept.
  }
}
