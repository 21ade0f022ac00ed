/** A user agent that only takes notes, and answers to give it. */

import type { SipResponse } from '../../../src/sip/message/message.ts';
import { parseMessage } from '../../../src/sip/message/parse.ts';
import type { OutgoingRequestOptions } from '../../../src/sip/user-agent.ts';
import type { RequestResult } from '../../../src/trunk/requester.ts';
import { Trunk, type TrunkOptions } from '../../../src/trunk/trunk.ts';

export const trunkOptions: TrunkOptions = {
  name: 'carrier',
  target: 'sip:gw.example.com:5070;transport=udp',
  auth: { username: 'gw user', password: 'secret', realm: null },
  register: true,
  registerExpiresSec: 600,
  sources: [],
  codecs: ['PCMU', 'PCMA'],
  tcpFallback: false,
  pingSec: 30,
  media: { learn: false },
};

export function trunkWith(more: Partial<TrunkOptions> = {}): Trunk {
  return new Trunk({ ...trunkOptions, ...more }, (host) => `own-for-${host}`);
}

/** A response as the user agent would hand it up. */
export function response(status: number, ...headers: string[]): SipResponse {
  const lines = [
    `SIP/2.0 ${status} Because`,
    'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1',
    'From: <sip:a@example.com>;tag=1',
    'To: <sip:a@example.com>;tag=2',
    'Call-ID: 1',
    'CSeq: 1 REGISTER',
    ...headers,
    'Content-Length: 0',
    '',
    '',
  ];
  const message = parseMessage(Buffer.from(lines.join('\r\n')));
  if (message.kind !== 'response') throw new Error('no response');
  return message;
}

export class FakeAgent {
  now = 0;
  readonly requests: OutgoingRequestOptions[] = [];
  readonly notes: string[] = [];
  cancelled = 0;
  #done: ((result: RequestResult) => void) | undefined;

  request(options: OutgoingRequestOptions, done: (result: RequestResult) => void): { cancel(): void } {
    this.requests.push(options);
    this.#done = done;
    return {
      cancel: () => {
        this.cancelled++;
      },
    };
  }

  deadlineMoved(): void {}

  answer(result: RequestResult): void {
    this.#done?.(result);
  }

  last(): OutgoingRequestOptions {
    const request = this.requests.at(-1);
    if (!request) throw new Error('nothing was sent');
    return request;
  }

  /** The value of a header of the last request. */
  header(name: string): string | undefined {
    return this.last().headers.find(([key]) => key === name)?.[1];
  }
}
