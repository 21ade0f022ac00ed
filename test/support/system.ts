/** What system tests expect of a call: tones heard at both ends, and nothing of the browser at the trunk. */

import { expect } from 'vitest';
import type { BrowserPhone, Heard } from './chromium.ts';
import type { G711 } from './g711.ts';
import { measureTone } from './tone-meter.ts';
import type { TrunkCall } from './trunk-call.ts';
import { callComplaints } from './trunk-cleanliness.ts';
import { pause } from './until.ts';

/** What each end sends. */
export const browserHz = 620;
export const trunkHz = 1004;
export const toneDbfs = -10;

/** How long each end listens; the first moments of a call are left out. */
const listenSec = 2;
const settleSec = 0.3;
/** A busy machine starves Chromium's own audio now and then; a fault of the gateway shows every time. */
const attempts = 3;

export interface TwoWayOptions {
  readonly codec?: G711;
  readonly seconds?: number;
}

interface Expectation {
  readonly wantedHz: number;
  readonly ownHz: number;
  readonly seconds: number;
}

/** Both ends send at once and hear each other and not themselves. The trunk's end goes on sending afterwards. */
export async function expectTonesBothWays(phone: BrowserPhone, call: TrunkCall, options: TwoWayOptions = {}): Promise<void> {
  const { codec = 'PCMU', seconds = listenSec } = options;
  call.rtp.sendTone({ frequencyHz: trunkHz, levelDbfs: toneDbfs, codec });
  await phone.record(settleSec);
  await eventually(async () => {
    const begin = performance.now();
    const inBrowser = await phone.record(seconds);
    const atTrunk = { samples: call.rtp.heard(begin), rate: 8000 };
    return [
      ...toneComplaints('the browser', inBrowser, { wantedHz: trunkHz, ownHz: browserHz, seconds }),
      ...toneComplaints('the trunk', atTrunk, { wantedHz: browserHz, ownHz: trunkHz, seconds }),
    ];
  });
}

/** What the page hears is this tone and nothing of its own voice. */
export async function expectHears(phone: BrowserPhone, wantedHz: number, { ownHz = browserHz, seconds = 1 } = {}): Promise<void> {
  await phone.record(settleSec);
  await eventually(async () => toneComplaints('the browser', await phone.record(seconds), { wantedHz, ownHz, seconds }));
}

async function eventually(listen: () => Promise<string[]>): Promise<void> {
  let complaints: string[] = [];
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    complaints = await listen();
    if (complaints.length === 0) return;
  }
  expect(complaints).toEqual([]);
}

function toneComplaints(who: string, { samples, rate }: Heard, { wantedHz, ownHz, seconds }: Expectation): string[] {
  const { frequencyHz, levelDbfs, rejectionDb, longestGapMs } = measureTone(samples, rate, ownHz);
  const heardSec = samples.length / rate;
  const rules: ReadonlyArray<readonly [boolean, string]> = [
    [heardSec > seconds * 0.95, `only ${heardSec} s`],
    [Math.abs(frequencyHz - wantedHz) <= 2, `${frequencyHz} Hz`],
    [Math.abs(levelDbfs - toneDbfs) <= 1, `${levelDbfs} dBFS`],
    [rejectionDb >= 40, `itself only ${rejectionDb} dB below`],
    [longestGapMs <= 60, `a gap of ${longestGapMs} ms`],
  ];
  return rules.flatMap(([kept, what]) => (kept ? [] : [`${who} heard ${what}`]));
}

/** Nothing of the browser reached the trunk: headers, SDP, RTP, RTCP. */
export function expectCleanTrunk(call: TrunkCall): void {
  expect(callComplaints(call)).toEqual([]);
}

/** No packet reaches the trunk any more. */
export async function expectNoPackets(call: TrunkCall): Promise<void> {
  await pause(200);
  const before = call.rtp.packets.length;
  await pause(500);
  expect(call.rtp.packets.length).toBe(before);
}
