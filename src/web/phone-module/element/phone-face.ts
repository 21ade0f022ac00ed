/** What `<offhook-phone>` shows: one screen to dial, one of an incoming call, one of a call. */

import { DialPad } from '../dial-pad.ts';
import { newElement, setText } from '../dom.ts';
import { formatDuration, isDialKey, normaliseNumber } from '../number.ts';
import type { CallView, PhoneView } from '../phone-events.ts';
import type { Rating } from '../quality.ts';
import { callWords, connectedAs, ratingWords } from '../words.ts';
import { button, pad, part } from './parts.ts';

export interface FaceActions {
  dial(number: string): void;
  answer(): void;
  hangUp(): void;
  mute(muted: boolean): void;
  hold(held: boolean): void;
  press(key: string): void;
  /** Somebody uses the phone: from now on it may sound. */
  touched(): void;
}

type Screen = 'dial' | 'incoming' | 'talk';

const tickMs = 500;

export class PhoneFace {
  readonly #root: ShadowRoot;
  readonly #actions: FaceActions;
  readonly #connection = part('p', 'connection');
  readonly #notice = part('p', 'notice');
  readonly #number = newElement('input', 'number');
  readonly #party = part('p', 'party');
  readonly #state = part('p', 'state');
  readonly #digits = part('p', 'digits');
  readonly #mute = button('control', 'Mute', () => this.#actions.mute(!isPressed(this.#mute)));
  readonly #hold = button('control', 'Hold', () => this.#actions.hold(!isPressed(this.#hold)));
  readonly #keys = button('control', 'Keypad', () => this.#openPad(this.#keys.ariaExpanded !== 'true'));
  readonly #digitPad: HTMLElement;
  readonly #screens: Readonly<Record<Screen, HTMLElement>>;
  #shown: Screen | undefined;
  #sinceMs: number | null = null;
  #rating: Rating | null = null;
  #call: CallView | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(root: ShadowRoot, actions: FaceActions) {
    this.#root = root;
    this.#actions = actions;
    this.#digitPad = pad('Keypad', (host) => new DialPad(host, (key) => actions.press(key), { withPlus: false }));
    this.#screens = {
      dial: this.#dialScreen(),
      incoming: newElement(
        'div',
        'choice',
        button('stop', 'Decline', () => actions.hangUp()),
        button('go', 'Answer', () => actions.answer()),
      ),
      talk: newElement(
        'div',
        'screen',
        this.#digits,
        this.#digitPad,
        newElement('div', 'controls', this.#mute, this.#keys, this.#hold),
        button('stop', 'Hang up', () => actions.hangUp()),
      ),
    };
    for (const screen of Object.values(this.#screens)) screen.tabIndex = -1;
    this.#state.role = this.#notice.role = this.#connection.role = 'status';
    const phone = part('section', 'phone', this.#connection, this.#party, this.#state, ...Object.values(this.#screens), this.#notice);
    phone.ariaLabel = 'Telephone';
    root.append(newElement('slot', ''), phone);
    for (const gesture of ['pointerdown', 'keydown']) phone.addEventListener(gesture, () => actions.touched());
    phone.addEventListener('keydown', (event) => this.#typed(event));
    this.#change('dial');
  }

  show(view: PhoneView): void {
    const { connection, call, notice } = view;
    this.#connection.dataset['state'] = connection;
    setText(this.#connection, connectedAs(view));
    this.#notice.dataset['tone'] = notice?.tone ?? 'calm';
    setText(this.#notice, notice ? `${notice.title}. ${notice.detail}`.trim() : '');
    this.#showCall(call);
    this.#change(call.state === 'idle' ? 'dial' : call.state === 'incoming' ? 'incoming' : 'talk');
  }

  rate(rating: Rating): void {
    this.#rating = rating;
    this.#tellState();
  }

  #showCall(call: CallView): void {
    if (call.sinceMs === null) this.#rating = null;
    this.#call = call;
    this.#sinceMs = call.sinceMs;
    setText(this.#party, call.state === 'idle' ? '' : call.name ? `${call.name} ${call.number}` : call.number || 'Unknown caller');
    setText(this.#digits, call.digits);
    const talking = call.state === 'talking';
    for (const [control, pressed] of [
      [this.#mute, call.muted],
      [this.#hold, call.held],
    ] as const) {
      control.disabled = !talking;
      control.ariaPressed = String(pressed);
    }
    this.#keys.disabled = !talking && call.state !== 'early';
    clearInterval(this.#timer);
    if (talking) this.#timer = setInterval(() => this.#tellState(), tickMs);
    this.#tellState();
  }

  #tellState(): void {
    const words = this.#call ? callWords(this.#call) : '';
    const duration = this.#sinceMs === null ? '' : formatDuration(performance.now() - this.#sinceMs);
    const rating = this.#rating ? ratingWords[this.#rating] : '';
    setText(this.#state, words);
    this.#state.dataset['figures'] = [duration, rating].filter(Boolean).join(' · ');
  }

  #change(screen: Screen): void {
    if (this.#shown === screen) return;
    this.#shown = screen;
    // A hidden button loses the focus, and the keyboard would type into the page.
    const used = this.#root.activeElement !== null;
    for (const [name, shown] of Object.entries(this.#screens)) shown.hidden = name !== screen;
    this.#openPad(false);
    if (used) this.#screens[screen].focus({ preventScroll: true });
  }

  #openPad(open: boolean): void {
    this.#digitPad.hidden = !open;
    this.#keys.ariaExpanded = String(open);
  }

  #typed(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || !isDialKey(event.key) || this.#screens.talk.hidden) return;
    event.preventDefault();
    this.#actions.press(event.key);
  }

  #dialScreen(): HTMLElement {
    const number = this.#number;
    number.type = 'tel';
    number.autocomplete = 'off';
    number.placeholder = 'Number';
    number.ariaLabel = 'Number';
    number.setAttribute('part', 'number');
    const type = (key: string): void => number.setRangeText(key, number.selectionStart ?? 0, number.selectionEnd ?? 0, 'end');
    const call = button('go', 'Call', () => {});
    call.type = 'submit';
    const form = newElement(
      'form',
      'screen',
      number,
      pad('Dial pad', (host) => new DialPad(host, type, { withPlus: true })),
      call,
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#actions.dial(normaliseNumber(number.value));
    });
    return form;
  }
}

function isPressed(control: HTMLButtonElement): boolean {
  return control.ariaPressed === 'true';
}
