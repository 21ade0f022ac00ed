import { describe, expect, test } from 'vitest';
import { rules } from '../../../src/explain/explain.ts';
import { CallStory, iceSdp, leg, plainSdp } from '../../support/call-story.ts';

/** Answered and connected, nobody has spoken. */
function connected(): CallStory {
  return new CallStory().signalled().connected();
}

const stranger = { host: '203.0.113.66', port: 4000 };

/** What each fault looks like in a trace, and what is found in it. */
const faults: ReadonlyArray<readonly [what: string, story: () => CallStory, found: readonly string[]]> = [
  ['no check comes', () => new CallStory().signalled().wait(6000), ['ice-no-check']],
  [
    'checks with a wrong password',
    () =>
      new CallStory()
        .signalled()
        .milestone('browser', 'ice-check')
        .milestone('browser', 'ice-check-refused', 'integrity', stranger)
        .wait(3000),
    ['ice-check-refused'],
  ],
  [
    'no nomination',
    () =>
      new CallStory()
        .signalled()
        .milestone('browser', 'ice-check')
        .milestone('browser', 'ice-validated')
        .milestone('browser', 'dtls-hello')
        .wait(6000),
    ['ice-not-nominated'],
  ],
  [
    'a lost path',
    () => connected().talking().milestone('browser', 'path-lost').ended({ cause: 'media-lost', side: 'browser' }),
    ['ice-path-lost', 'browser-gone'],
  ],
  [
    'a path that came back',
    () => connected().talking().milestone('browser', 'path-lost').wait(2000).milestone('browser', 'path-restored').wait(9000),
    ['ice-path-lost'],
  ],
  [
    'no ClientHello',
    () =>
      new CallStory()
        .signalled()
        .milestone('browser', 'ice-check')
        .milestone('browser', 'ice-validated')
        .milestone('browser', 'ice-nominated')
        .wait(6000),
    ['dtls-no-client-hello'],
  ],
  ...(['dtls-fingerprint-mismatch', 'dtls-no-common-profile', 'dtls-timeout', 'dtls-handshake-failed'] as const).map(
    (reason) =>
      [
        reason,
        () =>
          new CallStory()
            .signalled()
            .milestone('browser', 'ice-validated')
            .milestone('browser', 'dtls-hello')
            .milestone('browser', 'dtls-failed', reason)
            .wait(100),
        [reason],
      ] as const,
  ),
  [
    'a handshake without end',
    () =>
      new CallStory()
        .signalled()
        .milestone('browser', 'ice-check')
        .milestone('browser', 'ice-validated')
        .milestone('browser', 'ice-nominated')
        .milestone('browser', 'dtls-hello')
        .wait(9000),
    ['dtls-timeout'],
  ],
  [
    'keys that do not fit',
    () => connected().talking().milestone('browser', 'srtp-authentication-failing').wait(2000),
    ['srtp-authentication-failing'],
  ],
  [
    'a trunk that is silent',
    () =>
      connected()
        .milestone('browser', 'rtp-began')
        .wait(6000)
        .measured(leg('browser', { sent: { packets: 0 } }), leg('trunk', { received: { packets: 0 } })),
    ['trunk-sends-no-rtp', 'one-way-audio'],
  ],
  [
    'a trunk that sends from elsewhere',
    () =>
      connected()
        .milestone('browser', 'rtp-began')
        .milestone('trunk', 'rtp-refused', 'source', stranger)
        .wait(6000)
        .measured(leg('browser', { sent: { packets: 0 } }), leg('trunk', { received: { packets: 0 } })),
    ['trunk-rtp-refused', 'one-way-audio'],
  ],
  [
    'a browser without microphone',
    () =>
      connected()
        .milestone('trunk', 'rtp-began')
        .wait(6000)
        .measured(leg('browser', { received: { packets: 0 } }), leg('trunk', { sent: { packets: 0 } })),
    ['browser-sends-no-rtp', 'one-way-audio'],
  ],
  [
    'a trunk that stops',
    () => connected().talking(9000).milestone('trunk', 'rtp-stopped').wait(6000).measured(leg('browser'), leg('trunk')),
    ['rtp-stopped', 'one-way-audio'],
  ],
  [
    'nobody is heard',
    () =>
      connected()
        .wait(6000)
        .measured(
          leg('browser', { received: { packets: 0 }, sent: { packets: 0 } }),
          leg('trunk', { received: { packets: 0 }, sent: { packets: 0 } }),
        ),
    ['trunk-sends-no-rtp', 'browser-sends-no-rtp', 'no-audio'],
  ],
  ['a muted browser', () => connected().talking(1000).milestone('browser', 'silence-began').wait(5000), ['browser-sends-silence']],
  ['a trunk that sends silence', () => connected().talking(1000).milestone('trunk', 'silence-began').wait(25_000), ['trunk-sends-silence']],
  [
    'an unknown payload type',
    () => connected().talking().milestone('trunk', 'rtp-refused', 'payload-type 18', stranger),
    ['payload-type-mismatch'],
  ],
  [
    'other packet times',
    () => connected().talking().milestone('trunk', 'packet-time', '30 ms, 20 ms was agreed').wait(5000),
    ['packet-time-mismatch'],
  ],
  ['two codecs', () => connected().talking().agreed('trunk', 'PCMA/8000').wait(6000), ['codecs-differ']],
  ['a codec out of nowhere', () => new CallStory().signalled({ theirs: plainSdp({ formats: '18' }), codec: null }), ['codec-not-offered']],
  [
    'a codec out of nowhere, in the middle of a call',
    () =>
      connected()
        .talking()
        .sip('SIP/2.0 200 OK', { cseq: '2 INVITE', sdp: plainSdp({ formats: '18' }) }),
    ['codec-not-offered'],
  ],
  ['488', () => new CallStory().event('started').ended({ cause: 'unsupported-media', side: 'trunk', sipStatus: 488 }), ['no-common-codec']],
  [
    'INFO that is refused',
    () =>
      new CallStory()
        .signalled({ theirs: plainSdp({ formats: '0' }) })
        .connected()
        .talking()
        .sip('INFO sip:gw@203.0.113.9 SIP/2.0', {
          direction: 'sent',
          cseq: '2 INFO',
          headers: ['Content-Type: application/dtmf-relay'],
          body: 'Signal=5\r\n',
        })
        .sip('SIP/2.0 415 Unsupported Media Type', { cseq: '2 INFO' }),
    ['dtmf-not-negotiated'],
  ],
  [
    'a digit that goes nowhere',
    () =>
      new CallStory()
        .signalled({ theirs: plainSdp({ formats: '0' }) })
        .connected()
        .talking()
        .event('dtmf', '5 from the browser, 100 ms'),
    ['dtmf-not-negotiated'],
  ],
  [
    'a private address for the trunk',
    () => new CallStory().signalled({ ours: plainSdp({ host: '10.0.0.5', port: 30_000 }) }).connected(),
    ['private-address-to-trunk'],
  ],
  [
    'private candidates',
    () => new CallStory().signalled({ toBrowser: iceSdp(['10.0.0.5']) }).wait(6000),
    ['ice-no-check', 'private-address-to-browser'],
  ],
  [
    'a private address of the trunk',
    () =>
      new CallStory()
        .signalled({ theirs: plainSdp({ host: '192.168.1.9' }) })
        .connected()
        .wait(6000),
    ['private-address-of-trunk', 'trunk-sends-no-rtp', 'browser-sends-no-rtp'],
  ],
  [
    'another Contact than ours',
    () =>
      connected().talking().sip('BYE sip:alice@10.9.9.9:1024 SIP/2.0', { cseq: '7 BYE', via: 'SIP/2.0/UDP 203.0.113.9;branch=z9hG4bK9' }),
    ['sip-rewritten'],
  ],
  [
    'another Via than ours',
    () =>
      connected().talking().sip('SIP/2.0 200 OK', { via: 'SIP/2.0/UDP 10.9.9.9:5060;branch=z9hG4bK1', contact: '<sip:gw@203.0.113.9>' }),
    ['sip-rewritten'],
  ],
  [
    'a description that contradicts itself',
    () =>
      new CallStory()
        .signalled({ theirs: plainSdp({ extra: ['a=rtcp:20001 IN IP4 192.168.1.9'] }) })
        .connected()
        .milestone('browser', 'rtp-began')
        .wait(6000),
    ['sip-rewritten', 'trunk-sends-no-rtp'],
  ],
  [
    'a hang-up by the session timer',
    () =>
      connected()
        .talking(100)
        .sip('SIP/2.0 200 OK', { cseq: '2 UPDATE', headers: ['Session-Expires: 90;refresher=uas'] })
        .wait(60_000)
        .sip('BYE sip:alice@192.0.2.1:5060 SIP/2.0', { cseq: '7 BYE' }),
    ['hung-up-by-session-timer'],
  ],
  ['an expired session', () => connected().talking().ended({ cause: 'session-expired', side: 'trunk' }), ['session-expired']],
  [
    'a repeated answer',
    () => {
      const story = connected().talking(1);
      for (const ms of [500, 1000, 2000, 4000]) story.wait(ms).sip('SIP/2.0 200 OK', { contact: '<sip:gw@203.0.113.9>', sdp: plainSdp() });
      return story;
    },
    ['ack-does-not-arrive'],
  ],
  ['no ACK', () => connected().talking().ended({ cause: 'ack-missing', side: 'trunk' }), ['ack-missing']],
  ['a late thread', () => connected().talking().milestone('browser', 'relay-late', '120 ms'), ['relay-late']],
  [
    'loss',
    () =>
      connected()
        .talking(1)
        .measured(leg('browser', { received: { lost: 40 } }), leg('trunk')),
    ['high-loss'],
  ],
  [
    'jitter',
    () =>
      connected()
        .talking(1)
        .measured(leg('browser'), leg('trunk', { received: { jitterMs: 80 } })),
    ['high-jitter'],
  ],
  [
    'a long way',
    () =>
      connected()
        .talking(1)
        .measured(leg('browser', { roundTripMs: 700 }), leg('trunk')),
    ['long-delay'],
  ],
  [
    'an unknown number',
    () => new CallStory().event('started').ended({ cause: 'not-found', side: 'trunk', sipStatus: 404 }),
    ['call-refused'],
  ],
  [
    'a trunk that is away',
    () => new CallStory().event('started').ended({ cause: 'transport', side: 'trunk', sipStatus: 408 }),
    ['peer-unreachable'],
  ],
  [
    'wrong credentials',
    () =>
      new CallStory()
        .sip('SIP/2.0 401 Unauthorized')
        .sip('INVITE sip:1@203.0.113.9 SIP/2.0', { direction: 'sent', headers: ['Authorization: Digest username="x"'], cseq: '2 INVITE' })
        .sip('SIP/2.0 401 Unauthorized', { cseq: '2 INVITE' })
        .ended({ cause: 'forbidden', side: 'trunk', sipStatus: 401 }),
    ['trunk-credentials-refused'],
  ],
  ['a full gateway', () => new CallStory().ended({ cause: 'limit', side: 'gateway' }), ['limit-reached']],
  ['the longest call', () => connected().talking().ended({ cause: 'max-duration', side: 'gateway' }), ['max-duration']],
  ['a stop', () => connected().talking().ended({ cause: 'shutdown', side: 'gateway' }), ['gateway-stopped']],
  ['a relay that failed', () => connected().talking().ended({ cause: 'media-failed', side: 'gateway' }), ['relay-failed']],
  ['a fault of ours', () => connected().talking().ended({ cause: 'error', side: 'gateway' }), ['gateway-error']],
];

describe('a fault is found, and nothing else', () => {
  test.each(faults)('%s', (_what, story, found) => {
    expect(new Set(story().found)).toEqual(new Set(found));
  });

  test('every rule has a fault here', () => {
    const found = new Set(faults.flatMap(([, , ids]) => ids));
    expect(rules.map(({ id }) => id).filter((id) => !found.has(id))).toEqual([]);
  });
});

describe('a call that is well', () => {
  const healthy: ReadonlyArray<readonly [string, () => CallStory]> = [
    ['just began', () => new CallStory().event('started')],
    ['was answered this moment', () => new CallStory().signalled()],
    ['is connecting', () => new CallStory().signalled().wait(4000).connected()],
    ['goes on', () => connected().talking()],
    ['was hung up', () => connected().talking().ended()],
    ['was hung up after 32 s', () => connected().talking(31_900).ended({ cause: 'hung-up', side: 'trunk' })],
    ['was given up', () => new CallStory().event('started').ended({ cause: 'cancelled', side: 'browser' })],
    [
      'is on hold',
      () => connected().talking().agreed('trunk', 'PCMU/8000', 'sendonly').agreed('browser', 'PCMU/8000', 'recvonly').wait(60_000),
    ],
    ['had a pause', () => connected().talking().milestone('trunk', 'rtp-stopped').wait(2000).milestone('trunk', 'rtp-resumed').wait(9000)],
    ['hears comfort noise', () => connected().talking().milestone('trunk', 'rtp-refused', 'payload-type 13')],
    ['met a stranger', () => connected().talking().milestone('trunk', 'rtp-refused', 'source', stranger).wait(9000)],
    ['was held up for a moment', () => connected().talking().milestone('browser', 'relay-late', '60 ms')],
    ['sent digits', () => connected().talking().event('dtmf', '5 from the browser, 100 ms')],
  ];

  test.each(healthy)('%s', (_what, story) => {
    expect(story().found).toEqual(['nothing-unusual']);
  });
});
