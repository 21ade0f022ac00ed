import { describe, expect, test } from 'vitest';
import { parseMessage } from '../../../../src/sip/message/parse.ts';
import { Bench } from '../../../support/transaction-bench.ts';

describe('INVITE', () => {
  test('over UDP it is sent at T1, doubling without limit, and fails after 64*T1 (17.1.1.2)', () => {
    const bench = new Bench();
    const flow = bench.flow();
    bench.send('INVITE', flow);
    bench.runTo(100_000);
    expect(flow.times('INVITE')).toEqual([0, 500, 1500, 3500, 7500, 15_500, 31_500]);
    expect(bench.events).toEqual(['timeout']);
    expect(bench.layer.size).toBe(0);
  });

  test.each(['tcp', 'ws'] as const)('over %s it is sent once', (transport) => {
    const bench = new Bench();
    const flow = bench.flow(transport);
    bench.send('INVITE', flow);
    bench.runTo(31_999);
    expect([flow.labels, bench.events]).toEqual([['INVITE'], []]);
    bench.runTo(32_000);
    expect(bench.events).toEqual(['timeout']);
  });

  test('a provisional response stops the clock', () => {
    const bench = new Bench();
    const flow = bench.flow();
    bench.send('INVITE', flow);
    bench.respond(flow, 100);
    bench.runTo(1_000_000);
    expect([flow.labels, bench.events, bench.layer.size]).toEqual([['INVITE'], ['100'], 1]);
  });

  test('a refusal is reported once, and each repetition of it gets the same ACK for 32 s', () => {
    const bench = new Bench();
    const flow = bench.flow();
    bench.send('INVITE', flow);
    bench.respond(flow, 486);
    bench.runTo(10_000);
    bench.respond(flow, 486);
    bench.runTo(31_999);
    bench.respond(flow, 486);
    expect(flow.labels).toEqual(['INVITE', 'ACK', 'ACK', 'ACK']);
    bench.runTo(32_000);
    bench.respond(flow, 486);
    expect(flow.labels).toHaveLength(4);
    expect(bench.events).toEqual(['486']);
    expect(bench.layer.size).toBe(0);
  });

  test('the ACK of a refusal has the Via, the Route and the number of the INVITE, and the To of the response (17.1.1.3)', () => {
    const bench = new Bench();
    const flow = bench.flow();
    const { request } = bench.send('INVITE', flow);
    bench.respond(flow, 404);
    const ack = parseMessage(flow.sent.at(-1)?.bytes ?? new Uint8Array());
    expect(ack.headers.getAll('Via')).toEqual([request.headers.get('Via')]);
    expect(ack.headers.get('Route')).toBe('<sip:proxy.example.com;lr>');
    expect(ack.headers.get('From')).toBe(request.headers.get('From'));
    expect(ack.headers.toTag).toBe('far');
    expect(ack.headers.cseq).toEqual({ number: 7, method: 'ACK' });
    expect(ack.headers.callId).toBe('call');
    expect(ack.body).toHaveLength(0);
  });

  test('every 2xx is reported for 64*T1, and nothing is acknowledged here (RFC 6026)', () => {
    const bench = new Bench();
    const flow = bench.flow();
    const transaction = bench.send('INVITE', flow);
    bench.respond(flow, 200);
    expect(() => transaction.request).toThrow('not needed again');
    bench.runTo(31_000);
    bench.respond(flow, 200);
    bench.respond(flow, 486);
    bench.runTo(32_000);
    bench.respond(flow, 200);
    expect(bench.events).toEqual(['200', '200']);
    expect(flow.labels).toEqual(['INVITE']);
    expect(bench.layer.size).toBe(0);
  });

  test('a connection that closes fails what waits for an answer, and only that', () => {
    const bench = new Bench();
    const [one, other] = [bench.flow('tcp'), bench.flow('tcp', { host: '192.0.2.3', port: 5060 })];
    bench.send('INVITE', one);
    bench.send('INVITE', one);
    bench.respond(one, 200);
    bench.send('INVITE', other);
    bench.layer.flowClosed(one, 0);
    expect(bench.events).toEqual(['200', 'transport']);
    expect(bench.layer.size).toBe(2);
  });
});

describe('other requests', () => {
  test('over UDP they are sent at T1, doubling up to T2, and fail after 64*T1 (17.1.2.2)', () => {
    const bench = new Bench();
    const flow = bench.flow();
    bench.send('BYE', flow);
    bench.runTo(100_000);
    expect(flow.times('BYE')).toEqual([0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
    expect(bench.events).toEqual(['timeout']);
  });

  test('a provisional response slows the repetitions to T2, and the time-out stands', () => {
    const bench = new Bench();
    const flow = bench.flow();
    bench.send('BYE', flow);
    bench.respond(flow, 100, 'BYE');
    bench.runTo(100_000);
    expect(flow.times('BYE').slice(0, 4)).toEqual([0, 500, 4500, 8500]);
    expect(bench.events).toEqual(['100', 'timeout']);
  });

  test.each([
    ['udp', 5000],
    ['tcp', 0],
  ] as const)('over %s repeated answers are absorbed for %i ms', (transport, lingerMs) => {
    const bench = new Bench();
    const flow = bench.flow(transport);
    bench.send('BYE', flow);
    bench.respond(flow, 200, 'BYE');
    bench.respond(flow, 200, 'BYE');
    expect(bench.events).toEqual(['200']);
    bench.runTo(lingerMs - 1);
    expect(bench.layer.size).toBe(1);
    bench.runTo(lingerMs);
    expect(bench.layer.size).toBe(0);
  });
});

test('the Via says where we are, with a branch of its own and rport over UDP only', () => {
  const bench = new Bench();
  const [udp, ws] = [bench.flow('udp'), bench.flow('wss')];
  const first = bench.send('OPTIONS', udp).request.headers.get('Via');
  const second = bench.send('OPTIONS', ws).request.headers.get('Via');
  expect(first).toMatch(/^SIP\/2\.0\/UDP 198\.51\.100\.1:5060;branch=z9hG4bK\w{20};rport$/);
  expect(second).toMatch(/^SIP\/2\.0\/WSS 198\.51\.100\.1:5060;branch=z9hG4bK\w{20}$/);
});

test('a response that answers nothing is dropped', () => {
  const bench = new Bench();
  const flow = bench.flow();
  bench.send('OPTIONS', flow);
  const response = bench.respond(flow, 200, 'OPTIONS');
  bench.runTo(10_000);
  bench.receive(response, flow);
  response.headers.set('Via', 'SIP/2.0/UDP 198.51.100.1:5060');
  bench.receive(response, flow);
  expect(bench.events).toEqual(['200']);
});
