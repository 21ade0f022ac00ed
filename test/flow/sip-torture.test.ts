/** The torture messages of RFC 4475 and RFC 5118 as an endpoint answers them. */

import { describe, expect, test } from 'vitest';
import { silentLog } from '../../src/base/log.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { Flow } from '../../src/sip/message/flow.ts';
import { parseMessage } from '../../src/sip/message/parse.ts';
import { SipError } from '../../src/sip/message/sip-error.ts';
import { UserAgent } from '../../src/sip/user-agent.ts';
import { rfc4475, rfc5118, type TortureMessage } from '../support/sip-fixtures.ts';

/** The final answer of a bare endpoint without registrar, or 'drop'. INVITEs that it takes are answered 200. */
function answerTo(bytes: Uint8Array): number | 'drop' {
  const sent: Uint8Array[] = [];
  const flow: Flow = {
    id: 'f',
    transport: 'udp',
    reliable: false,
    local: { host: '192.0.2.1', port: 5060 },
    remote: { host: '192.0.2.2', port: 5060 },
    closed: false,
    send: (message) => sent.push(message),
    close: () => {},
  };
  const agent = new UserAgent(
    {
      random: seededRandom(1),
      clock: { now: () => 0 },
      log: silentLog,
      product: 'test/1',
      connector: { candidates: async () => [], connect: () => Promise.reject(new Error('none')) },
    },
    {
      authenticate: () => ({ outcome: 'accept', identity: { kind: 'trunk', trunk: 'carrier' } }),
      flow: () => flow,
      flowTo: () => flow,
      advertised: () => ({ ...flow.local, transport: 'udp' }),
      deadlineMoved: () => {},
    },
  );
  agent.handleInvite((incoming) => incoming.respond(200));
  try {
    agent.receive(parseMessage(bytes), flow, 0);
  } catch (error) {
    if (!(error instanceof SipError)) throw error;
    agent.malformed(error, flow, 0);
  }
  const last = sent.at(-1);
  // The answer repeats what was malformed: only its status line can be relied upon.
  return last ? Number(Buffer.from(last).toString().slice('SIP/2.0 '.length, 'SIP/2.0 200'.length)) : 'drop';
}

/** Whether the answer is one of the column `endpoint`; where that says nothing, any answer of a working endpoint will do. */
function fits(answer: number | 'drop', expected: TortureMessage['endpoint']): boolean {
  if (!expected) return true;
  return expected.some((value) => {
    if (value === '4xx') return typeof answer === 'number' && answer >= 400 && answer < 500;
    if (value === 'accept' || value === 'process normally') return typeof answer === 'number' && answer < 300;
    return value === answer;
  });
}

/** Where we differ from the column, and why. */
const exceptions: Readonly<Record<string, number | 'drop'>> = {
  // Not a registrar: the method is refused before the Contact is looked at (RFC 3261 section 8.2).
  regbadct: 405,
};

describe.each([
  ['RFC 4475', rfc4475()],
  ['RFC 5118', rfc5118()],
])('%s', (_name, messages) => {
  test.each(messages.map((message) => [message.name, message] as const))('%s', (name, message) => {
    const answer = answerTo(message.bytes);
    const exception = exceptions[name];
    if (exception !== undefined) expect(answer).toBe(exception);
    else expect({ answer, fits: fits(answer, message.endpoint) }).toEqual({ answer, fits: true });
  });
});
