import { describe, expect, test } from 'vitest';
import { createRequest, createResponse, markReceived, reasonPhrase } from '../../../../src/sip/message/build.ts';
import { printMessage } from '../../../../src/sip/message/print.ts';
import { parseUri } from '../../../../src/sip/message/uri.ts';

function invite(via = 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1') {
  return createRequest('INVITE', parseUri('sip:bob@example.com'), [
    ['Via', via],
    ['Via', 'SIP/2.0/UDP far.example;branch=z9hG4bK2'],
    ['Record-Route', '<sip:proxy;lr>'],
    ['From', '<sip:alice@example.com>;tag=a'],
    ['To', '<sip:bob@example.com>'],
    ['Call-ID', 'c'],
    ['CSeq', '1 INVITE'],
    ['Timestamp', '54'],
    ['Subject', 's'],
  ]);
}

const printed = (message: Parameters<typeof printMessage>[0]) => Buffer.from(printMessage(message)).toString();

test('a request prints with its Content-Length', () => {
  const request = createRequest('INFO', 'tel:+1555', [['Content-Type', 'text/plain']], 'é');
  expect(printed(request)).toBe('INFO tel:+1555 SIP/2.0\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\né');
});

describe('createResponse', () => {
  const names = (status: number) => [...createResponse(invite(), status).headers.entries()].map(([name]) => name);

  test('copies what ties it to the request', () => {
    expect(names(404)).toEqual(['Via', 'Via', 'From', 'To', 'Call-ID', 'CSeq']);
    expect(names(180)).toEqual(['Via', 'Via', 'Record-Route', 'From', 'To', 'Call-ID', 'CSeq']);
    expect(names(100)).toEqual(['Via', 'Via', 'From', 'To', 'Call-ID', 'CSeq', 'Timestamp']);
  });

  test('appends what is given, and replaces To', () => {
    const response = createResponse(
      invite(),
      200,
      undefined,
      [
        ['Contact', '<sip:x>'],
        ['To', '<sip:bob@example.com>;tag=b'],
      ],
      'body',
    );
    expect([response.reason, response.headers.toTag, response.headers.getAll('To').length]).toEqual(['OK', 'b', 1]);
    expect(printed(response)).toMatch(/^SIP\/2\.0 200 OK\r\nVia: .*\r\nContact: <sip:x>\r\nContent-Length: 4\r\n\r\nbody$/s);
  });

  test('a reason of its own', () => {
    expect(createResponse(invite(), 403, 'Go Away').reason).toBe('Go Away');
  });
});

describe('markReceived', () => {
  const viaAfter = (via: string) => {
    const request = invite(via);
    markReceived(request, { host: '192.0.2.1', port: 4000 });
    return request.headers.getAll('Via');
  };

  test.each([
    ['the sent-by is right', 'SIP/2.0/UDP 192.0.2.1;branch=b', 'SIP/2.0/UDP 192.0.2.1;branch=b'],
    ['it is not', 'SIP/2.0/WS x.invalid;branch=b', 'SIP/2.0/WS x.invalid;branch=b;received=192.0.2.1'],
    ['rport is asked for', 'SIP/2.0/UDP 192.0.2.1;rport;branch=b', 'SIP/2.0/UDP 192.0.2.1;rport=4000;branch=b;received=192.0.2.1'],
    ['received is forged', 'SIP/2.0/UDP 192.0.2.1;received=203.0.113.1', 'SIP/2.0/UDP 192.0.2.1'],
  ])('%s', (_what, via, expected) => {
    expect(viaAfter(via)).toEqual([expected, 'SIP/2.0/UDP far.example;branch=z9hG4bK2']);
  });

  test('one line of several values is spread', () => {
    expect(viaAfter('SIP/2.0/UDP a, SIP/2.0/UDP b')).toEqual([
      'SIP/2.0/UDP a;received=192.0.2.1',
      'SIP/2.0/UDP b',
      'SIP/2.0/UDP far.example;branch=z9hG4bK2',
    ]);
  });
});

test('reason phrases', () => {
  expect([180, 486, 499, 999].map(reasonPhrase)).toEqual(['Ringing', 'Busy Here', 'Bad Request', 'Unknown']);
});
