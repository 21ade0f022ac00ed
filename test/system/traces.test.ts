/** The trace of a real call, as an operator gets it: over HTTP, in Wireshark, at Homer. */

import { afterEach, expect, test } from 'vitest';
import { GatewayProcess } from '../support/gateway-process.ts';
import { HepCollector } from '../support/hep-collector.ts';
import { describeWith } from '../support/needs.ts';
import { callEnds, phoneOrigin, registeredPhone } from '../support/phone-stage.ts';
import { TrunkPeer } from '../support/trunk-peer.ts';
import { dissect } from '../support/tshark.ts';
import { until } from '../support/until.ts';
import type { WebSocketPhone } from '../support/websocket-phone.ts';

const stage: { trunk?: TrunkPeer; gateway?: GatewayProcess; phone?: WebSocketPhone; collector?: HepCollector } = {};

afterEach(async () => {
  await stage.phone?.close();
  await stage.gateway?.stop();
  stage.trunk?.close();
  stage.collector?.close();
});

/** A call that lasts long enough for a report of its quality. */
async function finishedCall() {
  const trunk = await TrunkPeer.open();
  const collector = await HepCollector.open();
  Object.assign(stage, { trunk, collector });
  const hep = { target: `127.0.0.1:${collector.address.port}`, captureId: 2001, node: 'edge' };
  const gateway = await GatewayProcess.start({ trunk: trunk.address, origins: [phoneOrigin], config: { hep } });
  Object.assign(stage, { gateway });
  const phone = await registeredPhone(gateway);
  Object.assign(stage, { phone });
  trunk.onCall = (incoming) => incoming.answer();
  const call = await phone.call('1001');
  await call.established();
  call.media.sendTone({ frequencyHz: 620 });
  (await trunk.nextCall()).rtp.sendTone({ frequencyHz: 1004 });
  await until('reports of both sides', () => collector.reports.filter(({ protocol }) => protocol === 5).length >= 8);
  await call.bye();
  const callId = await until('the end', () => callEnds(gateway)[0]?.['callId'] as string | undefined);
  await until('the last answer of the trunk', () => collector.reports.filter(({ payload }) => payload.includes(' BYE\r\n')).length >= 4);
  return { gateway, collector, callId };
}

const bytesOf = async (gateway: GatewayProcess, path: string): Promise<Uint8Array> => {
  const { http } = gateway.listeners;
  const response = await fetch(`http://${http.host}:${http.port}${path}`);
  expect(response.status).toBe(200);
  return new Uint8Array(await response.arrayBuffer());
};

describeWith(['tshark'], 'the trace of a call', () => {
  test('has both legs, milestones and quality; opens in Wireshark; and Homer gets the same under one id', async () => {
    const { gateway, collector, callId } = await finishedCall();

    const text = Buffer.from(await bytesOf(gateway, `/api/v1/calls/${callId}/trace.txt`)).toString();
    for (const word of ['INVITE sip:1001@', 'dtls-connected', 'rtp-began', '* answered', '* ended  hung-up']) expect(text).toContain(word);
    expect(text).not.toMatch(/a=ice-pwd:[^x]/);

    const packets = await dissect(await bytesOf(gateway, `/api/v1/calls/${callId}/trace.pcapng`), [
      'sip.CSeq.method',
      'sip.Status-Code',
      'udp.checksum.status',
    ]);
    expect(packets.filter(([method, status]) => method === 'INVITE' && status === '200')).toHaveLength(2);
    expect(packets.filter(([method, status]) => method === 'BYE' && status === '200')).toHaveLength(2);
    expect(packets.every(([, , checksum]) => checksum === '1')).toBe(true);

    const ofCall = collector.reports.filter(({ correlationId }) => correlationId === callId);
    expect(ofCall.filter(({ protocol, payload }) => protocol === 1 && payload.startsWith('INVITE')).length).toBeGreaterThanOrEqual(2);
    const own = ofCall.filter(({ protocol }) => protocol === 5).map(({ payload }) => JSON.parse(payload) as { type: number });
    expect(own.map(({ type }) => type).sort()).toEqual(expect.arrayContaining([200, 200, 201, 201]));
    expect(collector.reports.some(({ payload }) => payload.startsWith('REGISTER') && payload.includes('response="(hidden)"'))).toBe(true);
    for (const { payload } of collector.reports) expect(payload).not.toMatch(/response="[0-9a-f]{32}"|a=ice-pwd:[^x]/);
  });
});
