/** A page without microphone permission: its candidates are mDNS names, which nobody outside the browser can look up. */

import { expect, test } from 'vitest';
import { callIn, callOut } from '../support/browser-calls.ts';
import { describeWith } from '../support/needs.ts';
import { libraries, useStage } from '../support/stage.ts';
import { expectCleanTrunk, expectTonesBothWays } from '../support/system.ts';

describeWith(['chromium', 'openssl'], 'a browser hides its address', () => {
  const stage = useStage();

  test.each(libraries)('calls out with $name', async (kind) => {
    const { phone, call } = await callOut(stage, kind, { microphone: false });
    expectNamesOnly(await phone.description());
    await expectTonesBothWays(phone, call, { seconds: 1 });
    await phone.hangUp();
    await call.requested('BYE');
    expectCleanTrunk(call);
  });

  test.each(libraries)('is called with $name', async (kind) => {
    const { phone, call } = await callIn(stage, kind, { microphone: false });
    expectNamesOnly(await phone.description());
    await expectTonesBothWays(phone, call, { seconds: 1 });
    await call.bye();
    expectCleanTrunk(call);
  });
});

function expectNamesOnly(sdp: string): void {
  const hosts = [...sdp.matchAll(/^a=candidate:(?:\S+ ){4}(\S+)/gm)].map(([, host]) => host);
  expect(hosts.length).toBeGreaterThan(0);
  expect(hosts.filter((host) => !host?.endsWith('.local'))).toEqual([]);
  expect(sdp).toContain('c=IN IP4 0.0.0.0');
}
