/** The built gateway and WebSocket phones of its users. */

import { type GatewayProcess, type LogLine, testDomain, testUser } from './gateway-process.ts';
import { type PhoneOptions, WebSocketPhone } from './websocket-phone.ts';

/** Where the phones' page is from. */
export const phoneOrigin = 'http://phone.test';

/** The first user's account, and the page's origin. */
export function phoneOptions(gateway: GatewayProcess): PhoneOptions {
  return { url: gateway.url, origin: phoneOrigin, user: testUser.name, password: testUser.password, domain: testDomain };
}

export function registeredPhone(gateway: GatewayProcess, options: Partial<PhoneOptions> = {}): Promise<WebSocketPhone> {
  return WebSocketPhone.registered({ ...phoneOptions(gateway), ...options });
}

/** What the gateway said of each call that ended, in order. */
export function callEnds({ log }: GatewayProcess): LogLine[] {
  return log.filter(({ msg }) => msg === 'call ended');
}
