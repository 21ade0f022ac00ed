/** The module `offhook/phone`: the class, the element, and what their events carry. Importing it defines `<offhook-phone>`. */

import { canChooseSpeaker, listDevices } from './devices.ts';
import { OffhookPhone } from './element/offhook-phone-element.ts';
import { Phone } from './phone.ts';

if (!customElements.get('offhook-phone')) customElements.define('offhook-phone', OffhookPhone);

declare global {
  interface HTMLElementTagNameMap {
    'offhook-phone': OffhookPhone;
  }
}

export type { Account, DigitWay } from './account.ts';
export type { Device, DeviceKind } from './devices.ts';
export type { Notice } from './ending.ts';
export type { CallState, ConnectionState } from './machine.ts';
export type { PhoneOptions } from './phone.ts';
export type { CallSummary, CallView, Party, PhoneEvents, PhoneView } from './phone-events.ts';
export type { Quality } from './quality.ts';
export { canChooseSpeaker, listDevices, OffhookPhone, Phone };
