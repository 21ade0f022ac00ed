/** `<offhook-phone>`: a phone to put into a page. */

import type { DigitWay } from '../account.ts';
import { Phone } from '../phone.ts';
import type { PhoneEvents } from '../phone-events.ts';
import { Sounds } from '../sounds.ts';
import { PhoneFace } from './phone-face.ts';
import { styleSheet } from './style-sheet.ts';

/** What the element tells too, as CustomEvents of the same name with the same detail. */
const told = [
  'registered',
  'unregistered',
  'incoming',
  'ringing',
  'early-media',
  'connected',
  'held',
  'ended',
  'failed',
  'quality',
] as const satisfies readonly (keyof PhoneEvents)[];

const accountAttributes = ['url', 'user', 'password', 'domain'];

export class OffhookPhone extends HTMLElement {
  static readonly observedAttributes = [...accountAttributes, 'dtmf', 'microphone', 'speaker'];

  readonly #sounds = new Sounds();
  readonly #face: PhoneFace;
  #phone: Phone | undefined;
  #password = '';
  /** Attributes that change together lead to one registration. */
  #starting = false;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open', delegatesFocus: true });
    root.adoptedStyleSheets = [styleSheet()];
    this.#face = new PhoneFace(root, {
      dial: (number) => {
        this.#phone?.dial(number).catch(reportError);
      },
      answer: () => {
        this.#phone?.answer().catch(reportError);
      },
      hangUp: () => this.#phone?.hangUp(),
      mute: (muted) => this.#phone?.mute(muted),
      hold: (held) => this.#phone?.hold(held),
      press: (key) => this.#press(key),
      touched: () => this.#sounds.wake(),
    });
  }

  /** The phone behind the element, while it is in a page and has a url. */
  get phone(): Phone | undefined {
    return this.#phone;
  }

  /** As the attribute, but not to be read in the page's markup. */
  set password(password: string) {
    this.#password = password;
    this.#restart();
  }

  call(number: string): Promise<void> {
    return this.#phone?.dial(number) ?? Promise.resolve();
  }

  connectedCallback(): void {
    this.#restart();
  }

  disconnectedCallback(): void {
    this.#stop();
  }

  attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    if (before === now) return;
    if (accountAttributes.includes(name)) this.#restart();
    else if (this.#phone) this.#adjust(this.#phone, name, now ?? '');
  }

  #adjust(phone: Phone, name: string, value: string): void {
    if (name === 'dtmf') phone.dtmf = digitWay(value);
    else (name === 'microphone' ? phone.setMicrophone(value) : phone.setSpeaker(value)).catch(reportError);
  }

  #restart(): void {
    if (this.#starting) return;
    this.#starting = true;
    queueMicrotask(() => {
      this.#starting = false;
      this.#stop();
      if (this.isConnected) this.#start();
    });
  }

  #start(): void {
    const [url, user, domain] = ['url', 'user', 'domain'].map((name) => this.getAttribute(name) ?? '');
    if (!url || !user) return;
    const phone = new Phone({
      url: new URL(url, location.href.replace(/^http/, 'ws')).href,
      dtmf: digitWay(this.getAttribute('dtmf')),
      microphone: this.getAttribute('microphone') ?? '',
      speaker: this.getAttribute('speaker') ?? '',
    });
    this.#phone = phone;
    for (const name of told)
      phone.on(name, (detail) => this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true })));
    phone.on('changed', (view) => {
      this.#face.show(view);
      this.#sounds.signal(view.call.state);
    });
    phone.on('quality', ({ rating }) => this.#face.rate(rating));
    phone.signIn({
      user,
      password: this.#password || (this.getAttribute('password') ?? ''),
      domain: domain || new URL(url, location.href).hostname,
    });
  }

  #stop(): void {
    this.#phone?.signOut();
    this.#phone = undefined;
    this.#sounds.signal('idle');
  }

  #press(key: string): void {
    this.#sounds.key(key);
    this.#phone?.press(key);
  }
}

function digitWay(value: string | null): DigitWay {
  return value === 'info' || value === 'rfc4733' ? value : 'auto';
}
