/** A browser loses its connection during a call, or its network: the call goes on. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callIn, callOut } from '../support/browser-calls.ts';
import { describeWith } from '../support/needs.ts';
import { method, status } from '../support/plain-sip.ts';
import { libraries, useStage } from '../support/stage.ts';
import { expectCleanTrunk, expectTonesBothWays } from '../support/system.ts';
import { TcpGate } from '../support/tcp-gate.ts';

describeWith(['chromium', 'openssl'], 'a browser roams', () => {
  const stage = useStage();
  let gate: TcpGate;

  beforeAll(async () => {
    const { https } = stage.gateway.listeners;
    if (!https) throw new Error('wss is not served');
    gate = await TcpGate.open(https);
  });
  afterAll(() => gate.close());

  describe.each(libraries)('with $name', (kind) => {
    test('talks on without its WebSocket, comes back, is held, and hangs up', async () => {
      const { phone, call } = await callOut(stage, kind, { gate });
      gate.slam();
      await phone.experiences('disconnected');
      await expectTonesBothWays(phone, call, { seconds: 1 });
      await phone.experiences('registered', 2);
      await call.reinvite('sendonly');
      await phone.experiences('hold: remote');
      await call.reinvite('sendrecv');
      await phone.experiences('unhold: remote');
      await phone.hangUp();
      await call.requested('BYE');
      await phone.reaches('ended');
      await stage.isIdle();
      expectCleanTrunk(call);
    });

    test('learns late that the other side hung up while it was away', async () => {
      const { phone, call } = await callIn(stage, kind, { gate });
      gate.slam();
      await phone.experiences('disconnected');
      expect(status(await call.bye())).toBe(200);
      await phone.experiences('registered', 2);
      await phone.reaches('ended');
      await stage.isIdle();
    });

    test('restarts ICE, of which the trunk sees nothing', async () => {
      const { phone, call } = await callOut(stage, kind);
      const ufragOf = (sdp: string): string => /^a=ice-ufrag:(.*)$/m.exec(sdp)?.[1] ?? '';
      const before = ufragOf(await phone.description());
      await phone.restartIce();
      await expectTonesBothWays(phone, call, { seconds: 1 });
      expect(ufragOf(await phone.description())).not.toBe(before);
      expect(call.received.map(method)).toEqual(['INVITE', 'ACK']);
      await phone.hangUp();
      await call.requested('BYE');
      expectCleanTrunk(call);
    });
  });
});
