/** Asks for a token. */

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Icon } from './parts/icon.tsx';

interface LoginProps {
  /** Why the last attempt failed; null before the first. */
  readonly problem: string | null;
  readonly busy: boolean;
  readonly signIn: (token: string, keep: boolean) => void;
}

export function Login({ problem, busy, signIn }: LoginProps): JSX.Element {
  const [token, setToken] = useState('');
  const [keep, setKeep] = useState(false);
  function submit(event: Event): void {
    event.preventDefault();
    if (token.trim() !== '') signIn(token.trim(), keep);
  }
  return (
    <main class="login-place">
      <form class="login" onSubmit={submit} aria-labelledby="login-title">
        <p class="brand">
          <Icon name="mark" />
          offhook
        </p>
        <h1 id="login-title">Sign in</h1>
        <p class="soft">
          With a token of this gateway. Its administrator makes one with <code>offhook token</code>.
        </p>
        <label class="field">
          Token
          <input
            type="password"
            autocomplete="current-password"
            spellcheck={false}
            required
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        </label>
        <label class="check">
          <input type="checkbox" checked={keep} onChange={(event) => setKeep(event.currentTarget.checked)} />
          Keep me signed in on this device
        </label>
        <p class="login-problem" role="alert">
          {problem}
        </p>
        <button type="submit" class="button go filled" disabled={busy}>
          {busy ? 'Signing in …' : 'Sign in'}
        </button>
      </form>
    </main>
  );
}
