import { describe, expect, test } from 'vitest';
import { createRequest } from '../../../../src/sip/message/build.ts';
import { parseMessage } from '../../../../src/sip/message/parse.ts';
import { parseAnyUri } from '../../../../src/sip/message/uri.ts';
import { gatewayCapabilities, validateRequest } from '../../../../src/sip/message/validate.ts';
import { captured } from '../../../support/sip-fixtures.ts';

interface Variation {
  readonly method?: string;
  readonly uri?: string;
  readonly headers?: ReadonlyArray<readonly [string, string]>;
  readonly body?: string;
}

function request({ method = 'INVITE', uri = 'sip:bob@example.com', headers = [], body = '' }: Variation) {
  const base: Array<readonly [string, string]> = [
    ['Via', 'SIP/2.0/WS a.invalid;branch=z9hG4bK1'],
    ['From', '<sip:alice@example.com>;tag=a'],
    ['To', '<sip:bob@example.com>'],
    ['Call-ID', 'c'],
    ['CSeq', `1 ${method}`],
  ];
  const made = createRequest(method, parseAnyUri(uri), base, body);
  for (const [name, value] of headers) made.headers.set(name, value);
  return made;
}

const sdp = ['Content-Type', 'application/sdp'] as const;

test.each<[string, Variation]>([
  ['a plain INVITE', {}],
  ['with an offer', { headers: [sdp], body: 'v=0' }],
  ['to a telephone number', { uri: 'tel:+1555' }],
  ['to sips', { uri: 'sips:bob@example.com' }],
  ['with what is supported', { headers: [['Require', 'timer, OUTBOUND']] }],
  ['no hop left, but it ends here', { method: 'OPTIONS', headers: [['Max-Forwards', '0']] }],
  [
    'no hop left within a dialog',
    {
      headers: [
        ['Max-Forwards', '0'],
        ['To', '<sip:b>;tag=b'],
      ],
    },
  ],
  [
    'a body that may be ignored',
    {
      headers: [
        ['Content-Type', 'x/y'],
        ['Content-Disposition', 'render; handling = OPTIONAL'],
      ],
      body: 'x',
    },
  ],
  ['any body of INFO', { method: 'INFO', headers: [['Content-Type', 'application/dtmf-relay']], body: 'Signal=1' }],
  ['Accept that covers SDP', { headers: [['Accept', 'text/plain, application/*;q=0.5']] }],
  ['Accept of anything', { headers: [['Accept', '*/*']] }],
  ['an empty Accept', { headers: [['Accept', '']] }],
  ['an identical encoding', { headers: [sdp, ['Content-Encoding', 'identity']], body: 'v=0' }],
  ['CANCEL, which cannot require', { method: 'CANCEL', headers: [['Require', 'x']] }],
  ['REGISTER with *', { method: 'REGISTER', headers: [['Contact', '*']] }],
])('passes: %s', (_what, variation) => {
  expect(validateRequest(request(variation))).toBeNull();
});

test.each<[number, string, Variation]>([
  [501, 'a method nobody knows', { method: 'FOO' }],
  [501, 'a method in lower case', { method: 'invite' }],
  [405, 'a method not built', { method: 'SUBSCRIBE' }],
  [416, 'an unknown scheme', { uri: 'soap.beep://x' }],
  [400, 'header fields in the Request-URI', { uri: 'sip:a@b?Route=x' }],
  [400, 'a branch that is only the cookie', { headers: [['Via', 'SIP/2.0/UDP a;branch=z9hG4bK']] }],
  [400, 'a malformed Contact', { headers: [['Contact', '<sip:a@b']] }],
  [400, 'a malformed Route', { headers: [['Route', '<>']] }],
  [400, 'a malformed Record-Route', { headers: [['Record-Route', 'x']] }],
  [400, 'a malformed Path', { method: 'REGISTER', headers: [['Path', 'x']] }],
  [400, 'Contact: * outside of REGISTER', { headers: [['Contact', '*']] }],
  [400, 'an address of record that is none', { method: 'REGISTER', headers: [['To', '<tel:+1555>']] }],
  [483, 'no hop left', { headers: [['Max-Forwards', '0']] }],
  [420, 'an unknown extension', { headers: [['Require', 'timer, 100rel']] }],
  [415, 'an unknown body', { headers: [['Content-Type', 'text/plain']], body: 'x' }],
  [415, 'an encoded body', { headers: [sdp, ['Content-Encoding', 'gzip']], body: 'x' }],
  [400, 'a body without type', { body: 'x' }],
  [406, 'Accept without SDP', { headers: [['Accept', 'text/plain']] }],
])('%i: %s', (status, _what, variation) => {
  expect(validateRequest(request(variation))?.status).toBe(status);
});

describe('the refusal says what would do', () => {
  test.each<[Variation, string, string]>([
    [{ method: 'FOO' }, 'Allow', gatewayCapabilities.methods.join(', ')],
    [{ method: 'REFER' }, 'Allow', gatewayCapabilities.methods.join(', ')],
    [{ headers: [['Require', '100rel, timer, x']] }, 'Unsupported', '100rel, x'],
    [{ headers: [['Content-Type', 'x/y']], body: 'x' }, 'Accept', 'application/sdp'],
    [{ headers: [sdp, ['Content-Encoding', 'gzip']], body: 'x' }, 'Accept-Encoding', 'identity'],
  ])('%j', (variation, name, value) => {
    expect(validateRequest(request(variation))?.headers).toEqual([[name, value]]);
  });
});

test('capabilities are a parameter', () => {
  expect(validateRequest(request({ method: 'REFER' }), { ...gatewayCapabilities, methods: ['REFER'] })).toBeNull();
});

test('nothing that JsSIP and SIP.js send in a call is refused, but what is not built', () => {
  const refused = [...captured('jssip'), ...captured('sipjs')].flatMap(({ bytes }) => {
    const message = parseMessage(bytes);
    const error = message.kind === 'request' ? validateRequest(message) : null;
    return error && message.kind === 'request' ? [`${message.method} ${error.status}`] : [];
  });
  expect([...new Set(refused)]).toEqual(['REFER 405', 'NOTIFY 405']);
});
