import { describe, expect, test } from 'vitest';
import type { CallSide, LegQuality } from '../../../src/events/gateway-events.ts';
import { MediaTotals } from '../../../src/metrics/media-totals.ts';
import { legQuality } from './quality.ts';

function leg(side: CallSide, packets: number, more: Partial<LegQuality> = {}): LegQuality {
  return legQuality(side, { received: { packets, bytes: 160 * packets, lost: 0, jitterMs: 1 }, ...more });
}

describe('media totals', () => {
  test('count what has come since the last word of a call, over all calls', () => {
    const totals = new MediaTotals();
    totals.measured('a', [leg('browser', 50), leg('trunk', 40)]);
    totals.measured('b', [leg('browser', 7)]);
    totals.measured('a', [leg('browser', 100), leg('trunk', 90)]);
    expect(totals.sides.browser.received).toEqual({ packets: 107, bytes: 17_120, lost: 0 });
    expect(totals.sides.trunk.received.packets).toBe(90);
  });

  test('keep what ended calls carried, and count a call of the same name from zero', () => {
    const totals = new MediaTotals();
    totals.ended('a', [leg('browser', 100)]);
    totals.measured('a', [leg('browser', 10)]);
    expect(totals.sides.browser.received.packets).toBe(110);
  });

  test('never fall: a leg that was replaced counts from zero, a loss that was put right is not taken back', () => {
    const totals = new MediaTotals();
    totals.measured('a', [leg('trunk', 100, { sent: { packets: 5, bytes: 800, lost: 4, jitterMs: 0 } })]);
    totals.measured('a', [leg('trunk', 3, { sent: { packets: 6, bytes: 960, lost: 2, jitterMs: 0 } })]);
    totals.measured('a', [leg('trunk', 8, { sent: { packets: 7, bytes: 1120, lost: 2, jitterMs: 0 } })]);
    expect(totals.sides.trunk.received.packets).toBe(105);
    expect(totals.sides.trunk.sent).toEqual({ packets: 7, bytes: 1120, lost: 4 });
  });

  test('tell dropped packets by reason', () => {
    const totals = new MediaTotals();
    const dropped = legQuality('browser').dropped;
    totals.measured('a', [leg('browser', 1, { dropped: { ...dropped, source: 3 } })]);
    totals.ended('a', [leg('browser', 1, { dropped: { ...dropped, source: 5, replay: 1 } })]);
    expect(Object.fromEntries(totals.sides.browser.dropped)).toMatchObject({ source: 5, replay: 1, malformed: 0 });
  });
});
