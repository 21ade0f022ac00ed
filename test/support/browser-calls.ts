/** Calls between a browser phone and the trunk, as far as the point where both talk. */

import type { BrowserPhone } from './chromium.ts';
import { testUser } from './gateway-process.ts';
import type { PhoneKind, Stage, StagePhoneOptions } from './stage.ts';
import type { TrunkCall } from './trunk-call.ts';

export interface Pair {
  readonly phone: BrowserPhone;
  readonly call: TrunkCall;
}

/** Any number that the gateway routes to the trunk. */
export const number = '15550123';

/** The browser dials, the trunk rings and answers. */
export async function callOut(stage: Stage, kind: PhoneKind, options?: StagePhoneOptions): Promise<Pair> {
  const phone = await stage.phone(kind, options);
  await phone.call(number);
  const call = await stage.trunk.nextCall();
  call.ring();
  await phone.reaches('early');
  call.answer();
  await phone.reaches('talking');
  await call.requested('ACK');
  return { phone, call };
}

/** The trunk calls, the browser answers. */
export async function callIn(stage: Stage, kind: PhoneKind, options?: StagePhoneOptions): Promise<Pair> {
  const phone = await stage.phone(kind, options);
  const call = await ringBrowser(stage, phone);
  await phone.answer();
  await call.responded(200);
  await phone.reaches('talking');
  return { phone, call };
}

/** The trunk calls a number, and the browser rings. */
export async function ringBrowser(stage: Stage, phone: BrowserPhone, called: string = testUser.callerId): Promise<TrunkCall> {
  const call = await stage.trunk.call(stage.gateway.listeners.udp, called);
  await phone.reaches('ringing');
  await call.responded(180);
  return call;
}
