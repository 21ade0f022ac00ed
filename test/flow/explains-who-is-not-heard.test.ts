/** Calls in which the audio of one side or of both does not arrive, each for another reason. */

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { writeRtcp } from '../../src/rtp/rtcp.ts';
import { ExplainStage, type FaultyCall } from '../support/explained-calls.ts';
import { RtpLine } from '../support/rtp-line.ts';
import { pause } from '../support/until.ts';

let stage: ExplainStage;

beforeAll(async () => {
  stage = await ExplainStage.open({ config: { call: { graceSec: 2 } } });
});

afterAll(() => stage.close());

/** 20 ms of digital silence in PCMU. */
const silence = new Uint8Array(160).fill(0xff);

async function explainedPath(call: FaultyCall, rule: string): Promise<string | null> {
  return (await call.explained(rule, 40_000)).path;
}

describe.concurrent('a call', () => {
  test('whose trunk sends nothing', async () => {
    const call = await stage.connected();
    call.media.talk();
    const finding = await call.explained('trunk-sends-no-rtp');
    expect(finding.evidence.join()).toMatch(/127\.0\.0\.1:46\d\d\d/);
    expect(await explainedPath(call, 'one-way-audio')).toBe('trunk->gateway');
    expect(call.found).toEqual(['one-way-audio', 'trunk-sends-no-rtp']);
  });

  test('whose trunk sends from another address', async () => {
    const call = await stage.connected();
    call.media.talk();
    const elsewhere = await RtpLine.open();
    onTestFinished(() => elsewhere.close());
    elsewhere.aim(call.trunk.rtp.target);
    elsewhere.sendTone();
    const finding = await call.explained('trunk-rtp-refused');
    expect(finding.text).toContain(`127.0.0.1:${elsewhere.address.port}`);
    expect(finding.text).toContain(`127.0.0.1:${call.trunk.rtp.address.port}`);
    expect(finding.advice).toContain('learn: true');
    expect(await explainedPath(call, 'one-way-audio')).toBe('trunk->gateway');
  });

  test('whose browser sends nothing', async () => {
    const call = await stage.connected();
    call.trunk.rtp.sendTone();
    await call.explained('browser-sends-no-rtp');
    expect(await explainedPath(call, 'one-way-audio')).toBe('browser->gateway');
    expect(call.found).toEqual(['browser-sends-no-rtp', 'one-way-audio']);
  });

  test('in which nobody sends', async () => {
    const call = await stage.connected();
    await call.explained('no-audio');
  });

  test('whose trunk falls silent', async () => {
    const call = await stage.talking();
    await pause(1000);
    call.trunk.rtp.stop();
    expect(await explainedPath(call, 'rtp-stopped')).toBe('trunk->gateway');
    await call.explained('one-way-audio');
  });

  test('whose browser reports that nothing arrives', async () => {
    const call = await stage.talking();
    await pause(6000);
    await call.media.report({ lost: 100_000 });
    expect(await explainedPath(call, 'one-way-audio')).toBe('gateway->browser');
    expect(await explainedPath(call, 'high-loss')).toBe('gateway->browser');
  });

  test('whose trunk reports that nothing arrives', async () => {
    const call = await stage.talking();
    const { rtp } = call.trunk;
    await pause(6000);
    const ssrc = rtp.packets.at(-1)?.bytes.readUInt32BE(8) ?? 0;
    const nothing = { fractionLost: 255, cumulativeLost: 100_000, highestSequence: 0, jitter: 0 };
    const block = { ssrc, ...nothing, lastSenderReport: 0, delaySinceLastSenderReport: 0 };
    rtp.sendRtcp(writeRtcp([{ type: 'rr', ssrc: rtp.ssrc, blocks: [block] }]));
    expect(await explainedPath(call, 'one-way-audio')).toBe('gateway->trunk');
  });

  test('whose browser is far away', async () => {
    const call = await stage.talking();
    await call.media.report({ delayMs: 700 });
    expect((await call.explained('long-delay')).text).toContain('browser');
  });

  test('whose browser is muted', async () => {
    const call = await stage.talking();
    call.media.talk({ packet: silence });
    expect(await explainedPath(call, 'browser-sends-silence')).toBe('browser->gateway');
    expect(call.found).toEqual(['browser-sends-silence']);
  });

  test('whose trunk sends silence', async () => {
    const call = await stage.talking();
    call.trunk.rtp.sendTone({ levelDbfs: -200 });
    expect(await explainedPath(call, 'trunk-sends-silence')).toBe('trunk->gateway');
  });

  test('whose browser is out of reach', { timeout: 60_000 }, async () => {
    const call = await stage.talking();
    await pause(500);
    call.media.stop();
    await call.explained('browser-gone', 50_000);
    expect(call.found).toEqual(['browser-gone', 'ice-path-lost']);
  });
});
