/** Shows the phone's state: one screen at a time, and words for it. */

import { setText } from '../phone-module/dom.ts';
import type { CallView, PhoneView } from '../phone-module/phone-events.ts';
import { callWords, connectedAs } from '../phone-module/words.ts';
import { element, showIcon } from './dom.ts';

type Screen = 'login' | 'dial' | 'incoming' | 'talk';

const screens: readonly Screen[] = ['login', 'dial', 'incoming', 'talk'];

export class Screens {
  readonly #readyToType: () => void;
  #shown: Screen | undefined;
  #said = '';

  constructor(readyToType: () => void) {
    this.#readyToType = readyToType;
  }

  show(view: PhoneView): void {
    this.#showConnection(view);
    this.#showNotice(view);
    this.#showCall(view.call);
    this.#change(this.#screenOf(view));
    this.#announce(view);
  }

  #showConnection(view: PhoneView): void {
    const { connection } = view;
    element('connection').dataset['state'] = connection;
    element('path').dataset['connection'] = connection;
    setText(element('connection-text'), connectedAs(view));
    setText(element('login-problem'), connection === 'denied' ? 'Name, password or domain is wrong.' : '');
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
    const party = call.name || call.number || 'Unknown caller';
    const under = call.name ? call.number : '';
    for (const [id, text] of [
      ['incoming-party', party],
      ['incoming-number', under],
      ['party', party],
      ['party-number', under],
      ['call-state', callWords(call)],
      ['digits', call.digits],
    ] as const) {
      setText(element(id), text);
    }
    const talking = call.state === 'talking';
    element('keypad', HTMLButtonElement).disabled = !talking && call.state !== 'early';
    toggle('mute', call.muted, call.muted ? 'microphone-off' : 'microphone', talking);
    toggle('hold', call.held, call.held ? 'play' : 'pause', talking);
    const seen = call.held || call.heldByThem ? 'held' : call.state;
    element('talk').dataset['state'] = seen;
    element('path').dataset['call'] = seen;
    document.title = call.state === 'idle' ? 'offhook softphone' : `${callWords(call)} · ${party}`;
  }

  #change(screen: Screen): void {
    if (this.#shown === screen) return;
    this.#shown = screen;
    // A modal dialog would keep the call from being answered.
    if (screen === 'incoming') element('sound', HTMLDialogElement).close();
    element('phone').dataset['screen'] = screen;
    for (const id of screens) element(id).hidden = id !== screen;
    if (screen === 'incoming' || screen === 'talk') {
      element(screen).focus({ preventScroll: true });
      element('phone').scrollIntoView({ block: 'nearest' });
    }
    // On a touch screen the focus would open the keyboard.
    if (screen === 'dial' && matchMedia('(pointer: fine)').matches) this.#readyToType();
  }

  #screenOf({ call, connection }: PhoneView): Screen {
    if (call.state === 'incoming') return 'incoming';
    if (call.state !== 'idle') return 'talk';
    if (connection === 'signed-out' || connection === 'denied') return 'login';
    // Whoever signs in stays at the form until it worked; whoever loses the connection, at the dial pad.
    return connection !== 'ready' && this.#shown === 'login' ? 'login' : 'dial';
  }

  /** Speaks changes of the call to screen readers; the incoming call's own dialog is read out by its focus. */
  #announce({ call, notice }: PhoneView): void {
    const text = call.state === 'idle' ? (notice ? `${notice.title}. ${notice.detail}` : '') : callWords(call);
    if (text === this.#said) return;
    this.#said = text;
    setText(element('announcer'), text);
  }
}

function toggle(id: string, pressed: boolean, icon: string, enabled: boolean): void {
  const button = element(id, HTMLButtonElement);
  button.setAttribute('aria-pressed', String(pressed));
  button.disabled = !enabled;
  showIcon(button, icon);
}
