/** The softphone page. */

import { DialPad } from '../phone-module/dial-pad.ts';
import { Phone } from '../phone-module/phone.ts';
import type { PhoneView } from '../phone-module/phone-events.ts';
import { Sounds } from '../phone-module/sounds.ts';
import { CallMonitor } from './call-monitor.ts';
import { chosenDevice } from './devices.ts';
import { element } from './dom.ts';
import { onDialKey } from './keyboard.ts';
import { Keypad } from './keypad.ts';
import { fillLogin, onLogin } from './login.ts';
import { NumberField } from './number-field.ts';
import { Screens } from './screens.ts';
import { readSettings, type Settings } from './settings.ts';
import { SoundDialog } from './sound-dialog.ts';
import { Suggestions } from './suggestions.ts';

const sounds = new Sounds();
const numberField = new NumberField();
const suggestions = new Suggestions();
const screens = new Screens(() => numberField.select());
const monitor = new CallMonitor(sounds.context);

const phone = new Phone({
  url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/sip`,
  microphone: chosenDevice('audioinput'),
  speaker: chosenDevice('audiooutput'),
});
phone.on('changed', show);
phone.on('quality', (quality) => monitor.quality(quality));
phone.on('microphone', (stream) => monitor.microphone(stream));
phone.on('sound', (stream) => monitor.sound(stream));
phone.on('unregistered', ({ reason }) => {
  if (reason === 'denied') signInAgain().catch(report);
});

const dialPad = new DialPad(element('dial-pad'), type, { withPlus: true });
const keypad = new Keypad(press);

function show({ call, ...rest }: PhoneView): void {
  if (call.state === 'idle') keypad.open(false);
  screens.show({ call, ...rest });
  suggestions.show(call.state === 'idle' ? null : call.number);
  monitor.follow(call);
  sounds.signal(call.state);
}

function type(key: string): void {
  numberField.type(key);
  sounds.key(key);
}

function press(digit: string): void {
  phone.press(digit);
  sounds.key(digit);
}

function dial(number: string): void {
  phone.dial(number).catch(report);
}

function report(error: unknown): void {
  console.error(error);
}

function onClick(id: string, act: () => unknown): void {
  element(id).addEventListener('click', act);
}

onDialKey((key) => {
  if (phone.view.call.state === 'idle') {
    dialPad.flash(key);
    type(key);
  } else if (phone.view.call.state !== 'incoming') {
    keypad.open(true);
    keypad.flash(key);
    press(key);
  }
});

element('dial').addEventListener('submit', (event) => {
  event.preventDefault();
  dial(numberField.take());
});
onClick('notice-dismiss', () => phone.dismissNotice());
onClick('answer', () => phone.answer().catch(report));
onClick('decline', () => phone.hangUp());
onClick('hang-up', () => phone.hangUp());
onClick('mute', () => phone.mute(!phone.view.call.muted));
onClick('hold', () => phone.hold(!phone.view.call.held));
onClick('sign-out', () => {
  element('sound', HTMLDialogElement).close();
  phone.signOut();
});
onLogin((account) => phone.signIn(account));
new SoundDialog((kind, id) => {
  (kind === 'audioinput' ? phone.setMicrophone(id) : phone.setSpeaker(id)).catch(report);
});

for (const gesture of ['pointerdown', 'keydown']) document.addEventListener(gesture, () => sounds.wake());
addEventListener('beforeunload', (event) => {
  if (phone.view.call.state !== 'idle') event.preventDefault();
});
addEventListener('pagehide', () => phone.signOut());

const askAgainMs = 2000;
let handedOut: Settings | null = null;

/** What the gateway tells its page; a gateway that is starting is asked again. */
async function loadSettings(): Promise<Settings | null> {
  try {
    const response = await fetch('/phone/config.json');
    return readSettings(await response.json());
  } catch {
    await new Promise((done) => setTimeout(done, askAgainMs));
    return loadSettings();
  }
}

async function start(): Promise<void> {
  handedOut = await loadSettings();
  element('sign-out').hidden = handedOut !== null;
  if (handedOut) {
    suggestions.offer(handedOut.numbers, (number) => {
      numberField.set(number);
      dial(number);
    });
    phone.signIn(handedOut.account);
  } else {
    fillLogin();
    show(phone.view);
  }
}

/** A demo that was started again has another password: ask for it, once. */
async function signInAgain(): Promise<void> {
  const refused = handedOut?.account.password;
  if (refused === undefined) return;
  const settings = await loadSettings();
  if (settings?.account.password !== refused) await start();
}

start().catch(report);
