/** SIGHUP: users, trunks, routes and the certificate are replaced, and nobody who talks notices. */

import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { GatewayProcess, testUser } from '../support/gateway-process.ts';
import { callEnds, phoneOrigin, registeredPhone } from '../support/phone-stage.ts';
import { header, status } from '../support/plain-sip.ts';
import { ServiceManager } from '../support/service-manager.ts';
import { measureTone } from '../support/tone-meter.ts';
import type { TrunkCall } from '../support/trunk-call.ts';
import { TrunkPeer } from '../support/trunk-peer.ts';
import { pause, until } from '../support/until.ts';

const bob = { name: 'bob', password: 'another long one', callerId: '+15550101' };
const carol = { name: 'carol', password: 'a third long one' };

const opened: { close(): unknown }[] = [];
let gateway: GatewayProcess | undefined;

afterEach(async () => {
  for (const part of opened.splice(0)) await part.close();
  await gateway?.stop();
  gateway = undefined;
});

function kept<Part extends { close(): unknown }>(part: Part): Part {
  opened.push(part);
  return part;
}

async function startGateway(trunk: TrunkPeer, config: Readonly<Record<string, unknown>> = {}, secure = false): Promise<GatewayProcess> {
  gateway = await GatewayProcess.start({ trunk: trunk.address, origins: [phoneOrigin], secure, config });
  return gateway;
}

/** A trunk of the configuration at the address of a peer. */
function trunkAt(name: string, { address }: TrunkPeer): object {
  return { name, target: `sip:${address.host}:${address.port};transport=udp` };
}

async function heardAtTrunk(far: TrunkCall): Promise<number> {
  const sinceMs = performance.now();
  await pause(1000);
  return measureTone(far.rtp.heard(sinceMs), 8000, 1004).frequencyHz;
}

describe('SIGHUP', () => {
  test('takes new users, trunks and routes, refuses removed ones, and leaves calls alone', async () => {
    const [first, second] = [kept(await TrunkPeer.open()), kept(await TrunkPeer.open())];
    const running = await startGateway(first, { users: [testUser, carol] });
    const alice = kept(await registeredPhone(running));
    const leaving = kept(await registeredPhone(running, { user: carol.name, password: carol.password }));
    first.onCall = (incoming) => incoming.answer();
    second.onCall = (incoming) => incoming.answer();
    const call = await alice.call('1001');
    const far = await first.nextCall();
    await call.established();
    call.media.sendTone({ frequencyHz: 620 });

    const line = await running.reload({
      users: [testUser, bob],
      trunks: [trunkAt('second', second)],
      routes: { outbound: [{ match: '^[0-9]{3,15}$', trunk: 'second' }], inbound: [{ match: '.*', users: ['bob'] }] },
    });
    expect(line).toMatchObject({ msg: 'configuration read again', changed: ['users', 'trunks', 'routes'] });

    expect(await heardAtTrunk(far)).toBeCloseTo(620, 0);
    const newcomer = kept(await registeredPhone(running, { user: bob.name, password: bob.password }));
    const next = await newcomer.call('1002');
    const there = await second.nextCall();
    await next.established();
    expect(status(await leaving.register())).toBe(401);
    const refused = await leaving.call('1003');
    expect(status(await refused.next('a refusal', (message) => status(message) >= 400))).toBe(407);

    // The trunk that is no longer configured still ends its own call.
    expect(status(await far.bye())).toBe(200);
    await call.requested('BYE');
    expect(status(await next.bye())).toBe(200);
    await there.requested('BYE');
    await until('the ends', () => callEnds(running).length === 2);
    expect(callEnds(running).map(({ cause }) => cause)).toEqual(['hung-up', 'hung-up']);
  });

  test('shows another certificate', async () => {
    const trunk = kept(await TrunkPeer.open());
    const running = await startGateway(trunk, {}, true);
    const before = await shownCertificate(running);
    expect(await running.reload({})).toMatchObject({ changed: ['the certificate of https'] });
    const after = await shownCertificate(running);
    expect(after).not.toBe(before);
    expect(after).toBe(new X509Certificate(readFileSync(running.certificate?.certFile ?? '')).fingerprint256);
  });

  test('changes nothing when the new configuration cannot be used, and names what counts after a restart only', async () => {
    const trunk = kept(await TrunkPeer.open());
    const running = await startGateway(trunk);
    const broken = await running.reload({ users: [{ name: 'alice', password: 7 }] });
    expect(broken.msg).toBe('configuration cannot be used: everything stays as it was');
    expect(String(broken['error'])).toContain('users[0].password');
    kept(await registeredPhone(running));
    expect(await running.reload({ users: [testUser], domain: 'other.example', call: { graceSec: 7 } })).toMatchObject({ changed: [] });
    const restart = await until('the warning', () =>
      running.log.find(({ msg }) => msg === 'changes of these keys count after a restart only'),
    );
    expect(restart['keys']).toEqual(['domain', 'call.graceSec']);
  });
});

describe('a service manager', () => {
  test('is told when the gateway is ready, reads its configuration again, and stops', async () => {
    const manager = kept(new ServiceManager());
    const trunk = kept(await TrunkPeer.open());
    gateway = await GatewayProcess.start({ trunk: trunk.address, origins: [], env: { NOTIFY_SOCKET: manager.path } });
    await manager.hears('READY=1');
    await gateway.reload({});
    await manager.hears('RELOADING=1');
    await gateway.stop();
    await manager.hears('STOPPING=1');
    expect(manager.states).toEqual(['READY=1', 'RELOADING=1', 'READY=1', 'STOPPING=1\nEXTEND_TIMEOUT_USEC=20000000']);
  });

  test('that is not there stops nobody', async () => {
    const trunk = kept(await TrunkPeer.open());
    gateway = await GatewayProcess.start({ trunk: trunk.address, origins: [], env: { NOTIFY_SOCKET: '/nowhere/notify' } });
    expect(gateway.output).toContain('the service manager cannot be told: sendto: ENOENT');
    expect(await gateway.stop()).toEqual({ code: 0, signal: null });
  });
});

describe('SIGTERM with call.drainSec', () => {
  test('waits for the running call, refuses new ones with 503 and Retry-After, and ends when the call has ended', async () => {
    const trunk = kept(await TrunkPeer.open());
    const running = await startGateway(trunk, { call: { drainSec: 60 } });
    const alice = kept(await registeredPhone(running));
    trunk.onCall = (incoming) => incoming.answer();
    const call = await alice.call('1001');
    await trunk.nextCall();
    await call.established();
    running.signal('SIGTERM');
    await until('the drain', () => running.log.some(({ msg }) => msg.startsWith('draining')));
    const late = await alice.call('1002');
    expect(header(await late.responded(503), 'Retry-After')).toBe('30');
    expect(await (await fetch(new URL('/healthz', running.url.replace('ws', 'http')))).json()).toEqual({ status: 'draining' });
    expect(status(await call.bye())).toBe(200);
    await until('the end of the process', () => !running.running);
    expect(callEnds(running).map(({ cause }) => cause)).toEqual(['hung-up']);
  });

  test('a second signal ends the waiting', async () => {
    const trunk = kept(await TrunkPeer.open());
    const running = await startGateway(trunk, { call: { drainSec: 60 } });
    const alice = kept(await registeredPhone(running));
    trunk.onCall = (incoming) => incoming.answer();
    const call = await alice.call('1001');
    await call.established();
    running.signal('SIGTERM');
    await until('the drain', () => running.log.some(({ msg }) => msg.startsWith('draining')));
    await pause(700);
    expect(await running.stop()).toEqual({ code: 0, signal: null });
    await call.requested('BYE');
    expect(callEnds(running).map(({ cause }) => cause)).toEqual(['shutdown']);
  });
});

function shownCertificate({ listeners }: GatewayProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: listeners.https?.host, port: listeners.https?.port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? '');
      socket.destroy();
    });
    socket.once('error', reject);
  });
}
