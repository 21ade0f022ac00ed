/** Calls in which a side sends or says other than what was agreed, each in another way. */

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { ExplainStage, type FaultyCall } from '../support/explained-calls.ts';
import type { TrunkCall } from '../support/trunk-call.ts';
import { pause, until } from '../support/until.ts';

let stage: ExplainStage;

beforeAll(async () => {
  stage = await ExplainStage.open();
});

afterAll(() => stage.close());

const withoutEvents = new Map([[0, 'PCMU/8000']]);

/** A trunk that says it is on the public Internet, and that gets its messages all the same. */
function answerFromAfar(call: TrunkCall): void {
  call.answerFields = [['Record-Route', `<${/<([^>]+)>/.exec(call.contact)?.[1]};lr>`]];
  call.contact = '<sip:peer@203.0.113.9>';
  call.answer();
}

/** One digit of the page's, as JsSIP sends it. */
function sendInfo(call: FaultyCall): Promise<unknown> {
  return call.phone.request('INFO', [['Content-Type', 'application/dtmf-relay']], 'Signal=5\r\nDuration=160\r\n');
}

describe.concurrent('a call', () => {
  test('whose trunk sends another codec', async () => {
    const call = await stage.connected();
    call.media.talk();
    const timer = setInterval(() => call.trunk.rtp.send(new Uint8Array(20), { payloadType: 18 }), 20);
    onTestFinished(() => clearInterval(timer));
    const finding = await call.explained('payload-type-mismatch');
    expect([finding.path, finding.severity]).toEqual(['trunk->gateway', 'problem']);
    expect(finding.text).toContain('18, G729');
  });

  test('whose browser sends another codec', async () => {
    const call = await stage.talking();
    await pause(200);
    call.media.talk({ payloadType: 97 });
    expect((await call.explained('payload-type-mismatch')).path).toBe('browser->gateway');
  });

  test('whose trunk sends long packets', async () => {
    const call = await stage.connected();
    call.media.talk();
    call.trunk.rtp.sendTone({ packetMs: 30 });
    const finding = await call.explained('packet-time-mismatch');
    expect([finding.path, finding.text.includes('30 ms')]).toEqual(['trunk->gateway', true]);
    expect(call.found).toEqual(['packet-time-mismatch']);
  });

  test('whose trunk answers with a codec that nobody offered', async () => {
    const onCall = (trunk: TrunkCall): void => {
      trunk.formats = new Map([[18, 'G729/8000']]);
      trunk.answer();
    };
    const call = await stage.call({ onCall });
    await call.explained('codec-not-offered');
    await call.explained('no-common-codec');
  });

  test('whose sides come to use two codecs', async () => {
    const call = await stage.talking();
    call.phone.answers.set('INVITE', () => {});
    call.trunk.formats = new Map([[8, 'PCMA/8000']]);
    await call.trunk.reinvite();
    call.trunk.rtp.sendTone({ codec: 'PCMA' });
    await call.explained('codecs-differ');
  });

  test('whose trunk refuses INFO', async () => {
    const onCall = (trunk: TrunkCall): void => {
      trunk.formats = withoutEvents;
      trunk.answers.set('INFO', (request) => trunk.respond(request, 415, 'Unsupported Media Type'));
      trunk.answer();
    };
    const call = await stage.talking({ onCall });
    await sendInfo(call);
    await until('the refusal', () => call.findings.some(({ rule, text }) => rule === 'dtmf-not-negotiated' && text.includes('SIP INFO')));
    expect(call.found).toEqual(['dtmf-not-negotiated']);
  });

  test('whose trunk takes no digits at all', async () => {
    const onCall = (trunk: TrunkCall): void => {
      trunk.formats = withoutEvents;
      trunk.answerFields = [['Allow', 'INVITE, ACK, CANCEL, BYE']];
      trunk.answer();
    };
    const call = await stage.talking({ onCall });
    await sendInfo(call);
    expect((await call.explained('dtmf-not-negotiated')).text).toContain('neither');
  });

  test('whose trunk is sent to a private address', async () => {
    const call = await stage.connected({ onCall: answerFromAfar });
    call.media.talk();
    await call.explained('private-address-to-trunk');
    expect((await call.explained('private-address-of-trunk')).path).toBe('gateway->trunk');
  });

  test('whose browser is sent to a private address', async () => {
    const call = await stage.answered({ media: { candidates: ['203.0.113.77'] } });
    await call.explained('private-address-to-browser');
    expect(call.found).toEqual(['ice-no-check', 'private-address-to-browser']);
  });

  test('whose messages are changed on the way', async () => {
    const call = await stage.talking();
    call.trunk.middleman = (message) => message.replace(/^(OPTIONS|INFO|BYE) sip:([^@]+)@\S+/, '$1 sip:$2@10.9.9.9:1024');
    void call.trunk.request('OPTIONS').catch(() => {});
    const finding = await call.explained('sip-rewritten');
    expect(finding.evidence.join()).toContain('10.9.9.9:1024');
    expect(call.found).toEqual(['sip-rewritten']);
  });

  test('whose description was changed on the way', async () => {
    // A trunk at 127.0.0.2, as it says itself, and a router that knows only the one line that it looks for.
    const onCall = (trunk: TrunkCall): void => {
      trunk.middleman = (message) => message.replace('o=peer 1 1 IN IP4 127.0.0.1', 'o=peer 1 1 IN IP4 127.0.0.2');
      trunk.contact = '<sip:peer@127.0.0.2>';
      trunk.answer();
    };
    const call = await stage.connected({ onCall });
    call.media.talk();
    const finding = await call.explained('sip-rewritten');
    expect(finding.evidence.join()).toContain('127.0.0.2');
  });

  test('whose trunk may not listen to INFO', async () => {
    const onCall = (trunk: TrunkCall): void => {
      trunk.formats = withoutEvents;
      trunk.answer();
    };
    const call = await stage.talking({ onCall });
    await sendInfo(call);
    const finding = await call.explained('dtmf-not-negotiated');
    expect(finding.severity).toBe('info');
  });

  test('that loses packets', async () => {
    const call = await stage.talking();
    call.media.talk({ loseEvery: 5 });
    const finding = await call.explained('high-loss');
    expect(finding.path).toBe('browser->gateway');
  });

  test('whose packets come unevenly', async () => {
    const call = await stage.talking();
    await pause(4000);
    await call.media.report({ jitterMs: 120 });
    expect((await call.explained('high-jitter')).path).toBe('gateway->browser');
  });
});
