/** What the built gateway says of a real browser's call, as an operator asks for it. */

import { expect, test } from 'vitest';
import type { CallList } from '../../src/api/resources/calls.ts';
import type { Finding, FindingList } from '../../src/api/resources/findings.ts';
import { callOut } from '../support/browser-calls.ts';
import { describeWith } from '../support/needs.ts';
import { libraries, useStage } from '../support/stage.ts';
import { expectTonesBothWays } from '../support/system.ts';
import { pause, until } from '../support/until.ts';

describeWith(['chromium', 'openssl'], 'a call', () => {
  const stage = useStage();

  async function runningCall(): Promise<string> {
    const { calls } = (await stage.gateway.get('/api/v1/calls')) as CallList;
    return calls[0]?.callId ?? '';
  }

  /** How busy the machine of the tests is says nothing about the call. */
  async function findings(callId: string): Promise<readonly Finding[]> {
    const list = (await stage.gateway.get(`/api/v1/calls/${callId}/findings`)) as FindingList;
    return list.findings.filter(({ rule }) => !['relay-late', 'high-jitter'].includes(rule));
  }

  async function explained(callId: string, rule: string): Promise<Finding> {
    return until(rule, async () => (await findings(callId)).find((finding) => finding.rule === rule), 20_000);
  }

  test.each(libraries)('with $name in which all is well has nothing to explain', async (kind) => {
    const { phone, call } = await callOut(stage, kind);
    const callId = await runningCall();
    await expectTonesBothWays(phone, call);
    await pause(6000);
    expect((await findings(callId)).filter(({ rule }) => rule !== 'nothing-unusual')).toEqual([]);
    await phone.hangUp();
    await call.requested('BYE');
    await stage.isIdle();
    expect((await findings(callId)).filter(({ rule }) => rule !== 'nothing-unusual')).toEqual([]);
  });

  test.each(libraries)('with $name whose microphone is muted', async (kind) => {
    const { phone, call } = await callOut(stage, kind);
    const callId = await runningCall();
    await expectTonesBothWays(phone, call, { seconds: 1 });
    await phone.mute();
    expect((await explained(callId, 'browser-sends-silence')).path).toBe('browser->gateway');
    await call.bye();
  });

  test.each(libraries)('with $name whose trunk sends nothing', async (kind) => {
    const { call } = await callOut(stage, kind);
    const callId = await runningCall();
    expect((await explained(callId, 'trunk-sends-no-rtp')).advice).toContain('media.trunk.ports');
    expect((await explained(callId, 'one-way-audio')).path).toBe('trunk->gateway');
    await call.bye();
  });
});
