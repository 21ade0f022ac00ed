/** Shows the phone's state: one screen at a time, and words for it. */

import { element, setText, showIcon } from './dom.ts';
import type { CallState, ConnectionState } from './machine.ts';
import type { CallView, PhoneView } from './softphone.ts';

type Screen = 'login' | 'dial' | 'incoming' | 'talk';

const connectionWords: Readonly<Record<ConnectionState, string>> = {
  'signed-out': 'Signed out',
  connecting: 'Connecting',
  ready: 'Ready',
  offline: 'No connection. Trying again',
  refused: 'Not signed in',
};

const callWords: Readonly<Record<CallState, string>> = {
  idle: '',
  dialling: 'Calling',
  ringing: 'Ringing',
  early: 'Connecting',
  incoming: 'Incoming call',
  answering: 'Answering',
  talking: 'In call',
};

const screens: readonly Screen[] = ['login', 'dial', 'incoming', 'talk'];

export class Screens {
  #shown: Screen | undefined;
  #said = '';

  show(view: PhoneView): void {
    this.#showConnection(view);
    this.#showNotice(view);
    this.#showCall(view.call);
    this.#change(screenOf(view));
    this.#announce(view);
  }

  #showConnection({ connection, refusal, user }: PhoneView): void {
    element('connection').dataset['state'] = connection;
    setText(element('connection-text'), connection === 'ready' ? `Ready as ${user}` : connectionWords[connection]);
    setText(element('login-problem'), connection === 'refused' ? refusal : '');
    element('login-submit', HTMLButtonElement).disabled = connection === 'connecting';
  }

  #showNotice({ notice }: PhoneView): void {
    const box = element('notice');
    box.hidden = notice === null;
    if (!notice) return;
    box.dataset['tone'] = notice.tone;
    setText(element('notice-title'), notice.title);
    setText(element('notice-detail'), notice.detail);
  }

  #showCall(call: CallView): void {
    const party = call.name || call.number;
    const under = call.name ? call.number : '';
    for (const [id, text] of [
      ['incoming-number', party || 'Unknown caller'],
      ['incoming-name', under],
      ['party', party || 'Unknown caller'],
      ['party-name', under],
      ['call-state', stateWords(call)],
      ['digits', call.digits],
    ] as const) {
      setText(element(id), text);
    }
    const talking = call.state === 'talking';
    toggle('mute', call.muted, call.muted ? 'microphone-off' : 'microphone', talking);
    toggle('hold', call.held, call.held ? 'play' : 'pause', talking);
    element('talk').dataset['state'] = call.held || call.heldByThem ? 'held' : call.state;
    document.title = call.state === 'idle' ? 'offhook softphone' : `${stateWords(call)} · ${party}`;
    for (const button of document.querySelectorAll<HTMLButtonElement>('.suggestion')) button.disabled = call.state !== 'idle';
  }

  #change(screen: Screen): void {
    if (this.#shown === screen) return;
    const first = this.#shown === undefined;
    this.#shown = screen;
    element('phone').dataset['screen'] = screen;
    for (const id of screens) element(id).hidden = id !== screen;
    if (screen === 'incoming' || screen === 'talk') element(screen).focus({ preventScroll: true });
    // On a touch screen the focus would open the keyboard.
    if (screen === 'dial' && !first && matchMedia('(pointer: fine)').matches) element('number').focus({ preventScroll: true });
  }

  /** Speaks changes of the call to screen readers; the incoming call's own dialog is read out by its focus. */
  #announce({ call, notice }: PhoneView): void {
    const text = call.state === 'idle' ? (notice ? `${notice.title}. ${notice.detail}` : '') : `${stateWords(call)}`;
    if (text === this.#said) return;
    this.#said = text;
    setText(element('announcer'), text);
  }
}

function screenOf({ call, connection, user }: PhoneView): Screen {
  if (call.state === 'incoming') return 'incoming';
  if (call.state !== 'idle') return 'talk';
  return user === '' || connection === 'signed-out' ? 'login' : 'dial';
}

function stateWords(call: CallView): string {
  if (call.state !== 'talking') return callWords[call.state];
  if (call.held) return 'On hold';
  if (call.heldByThem) return 'They put you on hold';
  return call.muted ? 'In call, muted' : callWords.talking;
}

function toggle(id: string, pressed: boolean, icon: string, enabled: boolean): void {
  const button = element(id, HTMLButtonElement);
  button.setAttribute('aria-pressed', String(pressed));
  button.disabled = !enabled;
  showIcon(button, icon);
}
