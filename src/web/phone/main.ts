/** The softphone page. */

import { CallMonitor } from './call-monitor.ts';
import { useChosenSpeaker } from './devices.ts';
import { DialPad } from './dial-pad.ts';
import { element, newElement } from './dom.ts';
import { onDialKey } from './keyboard.ts';
import { fillLogin, onLogin } from './login.ts';
import { normaliseNumber } from './number.ts';
import { Screens } from './screens.ts';
import { readSettings, type SuggestedNumber } from './settings.ts';
import { playSignals } from './signals.ts';
import { Softphone } from './softphone.ts';
import { SoundDialog } from './sound-dialog.ts';
import { Sounds } from './sounds.ts';

const sounds = new Sounds();
const screens = new Screens();
const voice = Object.assign(new Audio(), { autoplay: true });
const number = element('number', HTMLInputElement);
const monitor = new CallMonitor(sounds.context, () => phone.connection);

const socketUrl = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/sip`;
const phone: Softphone = new Softphone(socketUrl, {
  changed(view) {
    screens.show(view);
    monitor.follow(view);
    playSignals(sounds, view.call.state);
  },
  microphone: (stream) => monitor.microphone(stream),
  sound(stream) {
    voice.srcObject = stream;
    monitor.sound(stream);
  },
});

const dialPad = new DialPad(element('dial-pad'), type);
const digitPad = new DialPad(element('digit-pad'), press);

function type(key: string): void {
  number.setRangeText(key, number.selectionStart ?? number.value.length, number.selectionEnd ?? number.value.length, 'end');
  sounds.key(key);
}

function press(key: string): void {
  sounds.key(key);
  phone.press(key);
}

function dial(wanted: string): void {
  const target = normaliseNumber(wanted);
  number.value = target;
  phone.dial(target).catch(report);
}

function suggest(numbers: readonly SuggestedNumber[]): void {
  element('suggestions').hidden = numbers.length === 0;
  for (const { number: target, title, hint } of numbers) {
    const button = newElement(
      'button',
      'suggestion',
      newElement('span', 'suggestion-number', target),
      newElement('span', 'suggestion-title', title),
      newElement('span', 'suggestion-hint', hint),
    );
    button.type = 'button';
    button.addEventListener('click', () => dial(target));
    element('suggestion-list').append(newElement('li', '', button));
  }
}

function report(error: unknown): void {
  console.error(error);
}

onDialKey((key) => {
  if (phone.view.call.state === 'idle') {
    dialPad.flash(key);
    type(key);
  } else {
    digitPad.flash(key);
    press(key);
  }
});

element('dial').addEventListener('submit', (event) => {
  event.preventDefault();
  dial(number.value);
});
element('erase').addEventListener('click', () => {
  number.value = number.value.slice(0, -1);
});
element('notice-dismiss').addEventListener('click', () => phone.dismissNotice());
element('answer').addEventListener('click', () => {
  phone.answer().catch(report);
});
element('decline').addEventListener('click', () => phone.hangUp());
element('hang-up').addEventListener('click', () => phone.hangUp());
element('mute').addEventListener('click', () => phone.toggleMute());
element('hold').addEventListener('click', () => phone.toggleHold());
element('keypad').addEventListener('click', () => {
  const keys = element('keys');
  keys.hidden = !keys.hidden;
  element('levels').hidden = !keys.hidden;
  element('keypad').setAttribute('aria-expanded', String(!keys.hidden));
});
element('sign-out').addEventListener('click', () => {
  element('sound', HTMLDialogElement).close();
  phone.signOut();
});
for (const gesture of ['pointerdown', 'keydown']) document.addEventListener(gesture, () => sounds.wake());
addEventListener('beforeunload', (event) => {
  if (phone.view.call.state !== 'idle') event.preventDefault();
});
addEventListener('pagehide', () => phone.signOut());

new SoundDialog((kind) => {
  (kind === 'audioinput' ? phone.changeMicrophone() : useChosenSpeaker(voice)).catch(report);
});
useChosenSpeaker(voice).catch(report);
onLogin((account) => phone.signIn(account));

async function start(): Promise<void> {
  const answer = await fetch('/phone/config.json');
  const settings = readSettings(await answer.json());
  element('sign-out').hidden = settings !== null;
  if (settings) {
    suggest(settings.numbers);
    phone.signIn(settings.account);
  } else {
    fillLogin();
    screens.show(phone.view);
  }
}

start().catch(report);
