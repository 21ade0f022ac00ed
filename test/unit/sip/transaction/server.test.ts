import { describe, expect, test } from 'vitest';
import { createResponse } from '../../../../src/sip/message/build.ts';
import { parseMessage } from '../../../../src/sip/message/parse.ts';
import { rfc4475 } from '../../../support/sip-fixtures.ts';
import { Bench, incoming, type RecordingFlow } from '../../../support/transaction-bench.ts';

const via = 'SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKone;rport';

function served(bench: Bench, flow: RecordingFlow, method = 'INVITE') {
  const request = incoming(method, via);
  bench.receive(request, flow);
  const transaction = bench.layer.serve(request, flow);
  const repeat = () => bench.receive(incoming(method, via), flow);
  const respond = (status: number) => transaction.respond(createResponse(request, status), bench.now);
  const ack = (branch = via) => bench.receive(incoming('ACK', branch, { cseq: '1 ACK' }), flow);
  return { transaction, repeat, respond, ack };
}

describe('INVITE', () => {
  test('a retransmission gets the last provisional response again, and is not handed up', () => {
    const bench = new Bench();
    const flow = bench.flow();
    const { repeat, respond } = served(bench, flow);
    repeat();
    respond(100);
    respond(180);
    repeat();
    expect(flow.labels).toEqual(['100 INVITE', '180 INVITE', '180 INVITE']);
    expect(bench.requests).toHaveLength(1);
  });

  test('over UDP a refusal is repeated until its ACK, which is absorbed (17.2.1)', () => {
    const bench = new Bench();
    const flow = bench.flow();
    const { respond, ack, repeat } = served(bench, flow);
    respond(486);
    bench.runTo(8000);
    expect(flow.times('486 INVITE')).toEqual([0, 500, 1500, 3500, 7500]);
    ack();
    ack();
    repeat();
    bench.runTo(12_999);
    expect(flow.labels).toHaveLength(5);
    expect(bench.layer.size).toBe(1);
    bench.runTo(13_000);
    expect(bench.layer.size).toBe(0);
    expect(bench.acks).toEqual([]);
  });

  test('a refusal that is never acknowledged is forgotten after 64*T1', () => {
    const bench = new Bench();
    const flow = bench.flow();
    served(bench, flow).respond(486);
    bench.runTo(32_000);
    expect(flow.times('486 INVITE')).toEqual([0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
    expect(bench.layer.size).toBe(0);
  });

  test('over a connection a refusal is sent once', () => {
    const bench = new Bench();
    const flow = bench.flow('ws');
    const { respond, ack } = served(bench, flow);
    respond(486);
    bench.runTo(31_000);
    expect(flow.labels).toEqual(['486 INVITE']);
    ack();
    bench.runTo(31_000);
    expect(bench.layer.size).toBe(0);
  });

  test('after a 2xx retransmissions are absorbed, the 2xx may be sent again, and its ACK is handed up (RFC 6026)', () => {
    const bench = new Bench();
    const flow = bench.flow();
    const { respond, repeat, ack } = served(bench, flow);
    respond(200);
    repeat();
    expect(flow.labels).toEqual(['200 INVITE']);
    respond(200);
    respond(486);
    expect(flow.labels).toEqual(['200 INVITE', '200 INVITE']);
    ack('SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKack');
    ack();
    expect(bench.acks).toHaveLength(2);
    bench.runTo(32_000);
    expect(bench.layer.size).toBe(0);
  });
});

describe('other requests', () => {
  test.each([
    ['udp', 32_000],
    ['tcp', 0],
  ] as const)('over %s the answer is repeated for %i ms', (transport, lingerMs) => {
    const bench = new Bench();
    const flow = bench.flow(transport);
    const { respond, repeat } = served(bench, flow, 'INFO');
    repeat();
    expect(flow.labels).toEqual([]);
    respond(200);
    respond(500);
    repeat();
    expect(flow.labels).toEqual(['200 INFO', '200 INFO']);
    expect(bench.requests).toHaveLength(1);
    bench.runTo(lingerMs);
    expect(bench.layer.size).toBe(0);
  });
});

describe('matching (17.2.3)', () => {
  test('sent-by and branch together make a transaction', () => {
    const bench = new Bench();
    const flow = bench.flow();
    served(bench, flow);
    bench.receive(incoming('INVITE', via.replace('192.0.2.2', 'other.example')), flow);
    bench.receive(incoming('INVITE', via.replace('bKone', 'bKtwo')), flow);
    bench.receive(incoming('INVITE', via.replace(':5060', ':5061')), flow);
    expect(bench.requests).toHaveLength(4);
  });

  test('a WebSocket reaches no transaction of another', () => {
    const bench = new Bench();
    const [one, other] = [bench.flow('ws', { host: '192.0.2.2', port: 1 }), bench.flow('ws', { host: '192.0.2.2', port: 2 })];
    const { transaction, respond } = served(bench, one);
    bench.receive(incoming('INVITE', via), other);
    expect(bench.requests).toHaveLength(2);
    bench.receive(incoming('CANCEL', via, { cseq: '1 CANCEL' }), other);
    expect(bench.requests).toHaveLength(3);
    respond(486);
    bench.receive(incoming('ACK', via, { cseq: '1 ACK' }), other);
    expect(transaction.terminated).toBe(false);
  });

  test('an RFC 2543 client without branch is matched by what it sends (RFC 4475 section 3.4.1)', () => {
    const bytes = rfc4475().find(({ name }) => name === 'inv2543')?.bytes ?? new Uint8Array();
    const invite = () => {
      const message = parseMessage(bytes);
      if (message.kind !== 'request') throw new Error('not a request');
      return message;
    };
    const bench = new Bench();
    const flow = bench.flow();
    const request = invite();
    bench.receive(request, flow);
    const transaction = bench.layer.serve(request, flow);
    bench.receive(invite(), flow);
    expect(bench.requests).toHaveLength(1);
    transaction.respond(createResponse(request, 486, undefined, [['To', `${request.headers.get('To')};tag=us`]]), 0);
    const ack = { ...invite(), method: 'ACK' };
    ack.headers.set('CSeq', `${ack.headers.cseq.number} ACK`).set('To', `${request.headers.get('To')};tag=us`);
    bench.receive(ack, flow);
    bench.runTo(5000);
    expect(bench.layer.size).toBe(0);
  });
});

describe('where responses go (18.2.2, RFC 3581)', () => {
  const source = { host: '203.0.113.7', port: 40_000 };

  test('with rport to the source, which is written into the Via', () => {
    const bench = new Bench();
    const flow = bench.flow('udp', source);
    served(bench, flow).respond(100);
    expect(flow.labels).toEqual(['100 INVITE']);
    const text = Buffer.from(flow.sent[0]?.bytes ?? []).toString();
    expect(text).toContain('Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKone;rport=40000;received=203.0.113.7\r\n');
  });

  test.each([
    ['to the port of the Via', 'SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKx', 5070],
    ['to 5060 when the Via has none', 'SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx', 5060],
    ['whatever maddr says', 'SIP/2.0/UDP 10.0.0.1:5070;maddr=198.51.100.99;branch=z9hG4bKx', 5070],
  ])('without rport to the source address, %s', (_name, value, port) => {
    const bench = new Bench();
    const flow = bench.flow('udp', source);
    const request = incoming('INVITE', value);
    bench.receive(request, flow);
    bench.layer.serve(request, flow).respond(createResponse(request, 100), 0);
    expect(flow.labels).toEqual([]);
    expect(bench.flows.at(-1)?.remote).toEqual({ host: source.host, port });
    expect(bench.flows.at(-1)?.labels).toEqual(['100 INVITE']);
  });

  test('over a connection back over it', () => {
    const bench = new Bench();
    const flow = bench.flow('ws', source);
    served(bench, flow).respond(100);
    expect(flow.labels).toEqual(['100 INVITE']);
  });
});

describe('CANCEL (9.2)', () => {
  test('is answered 200, and tells the user of an INVITE without final response', () => {
    const bench = new Bench();
    const flow = bench.flow();
    const request = incoming('INVITE', via);
    bench.receive(request, flow);
    const cancelled: string[] = [];
    const transaction = bench.layer.serve(request, flow, { localTag: 'us', cancelled: (cancel) => cancelled.push(cancel.method) });
    const cancel = () => bench.receive(incoming('CANCEL', via, { cseq: '1 CANCEL' }), flow);
    cancel();
    cancel();
    expect(cancelled).toEqual(['CANCEL']);
    expect(flow.labels).toEqual(['200 CANCEL', '200 CANCEL']);
    expect(Buffer.from(flow.sent[0]?.bytes ?? []).toString()).toContain('To: <sip:alice@example.com>;tag=us\r\n');
    transaction.respond(createResponse(request, 487), 0);
    expect(flow.labels.at(-1)).toBe('487 INVITE');
  });

  test('after the answer it changes nothing', () => {
    const bench = new Bench();
    const flow = bench.flow();
    const request = incoming('INVITE', via);
    bench.receive(request, flow);
    const cancelled: string[] = [];
    const transaction = bench.layer.serve(request, flow, { localTag: 'us', cancelled: () => cancelled.push('!') });
    transaction.respond(createResponse(request, 200), 0);
    bench.receive(incoming('CANCEL', via, { cseq: '1 CANCEL' }), flow);
    expect(cancelled).toEqual([]);
    expect(flow.labels).toEqual(['200 INVITE', '200 CANCEL']);
  });

  test('of nothing is handed up', () => {
    const bench = new Bench();
    bench.receive(incoming('CANCEL', via, { cseq: '1 CANCEL' }), bench.flow());
    expect(bench.requests.map(({ method }) => method)).toEqual(['CANCEL']);
  });
});

test('a merged request is known as long as the first lives (8.2.2.2)', () => {
  const bench = new Bench();
  const flow = bench.flow();
  const { respond } = served(bench, flow, 'OPTIONS');
  const again = incoming('OPTIONS', via.replace('bKone', 'bKtwo'));
  expect(bench.layer.isMerged(again)).toBe(true);
  expect(bench.layer.isMerged(incoming('OPTIONS', via, { to: '<sip:alice@example.com>;tag=us' }))).toBe(false);
  expect(bench.layer.isMerged(incoming('OPTIONS', via, { cseq: '2 OPTIONS' }))).toBe(false);
  respond(200);
  bench.runTo(32_000);
  expect(bench.layer.isMerged(again)).toBe(false);
});
