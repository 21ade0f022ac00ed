/** The form for gateways that do not hand out an account. */

import type { Account } from '../phone-module/account.ts';
import { element } from './dom.ts';

const userKey = 'offhook.user';
const domainKey = 'offhook.domain';

/** With what was typed last time; the password is never kept. */
export function fillLogin(): void {
  element('login-user', HTMLInputElement).value = localStorage.getItem(userKey) ?? '';
  element('login-domain', HTMLInputElement).value = localStorage.getItem(domainKey) ?? location.hostname;
}

export function onLogin(signIn: (account: Account) => void): void {
  element('login').addEventListener('submit', (event) => {
    event.preventDefault();
    const user = element('login-user', HTMLInputElement).value.trim();
    const domain = element('login-domain', HTMLInputElement).value.trim();
    localStorage.setItem(userKey, user);
    localStorage.setItem(domainKey, domain);
    signIn({ user, domain, password: element('login-password', HTMLInputElement).value });
  });
}
