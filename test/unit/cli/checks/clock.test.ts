import { describe, expect, test } from 'vitest';
import { checkClock } from '../../../../src/cli/checks/clock.ts';
import { levels } from './local-config.ts';

describe('the clock', () => {
  test('must be of our times, and better be kept right', () => {
    const now = Date.UTC(2026, 4, 1, 12);
    expect(levels(checkClock(now, true))).toEqual(['ok clock: 2026-05-01 12:00 UTC, kept right by a time server']);
    expect(levels(checkClock(now, null))).toEqual(['ok clock: 2026-05-01 12:00 UTC']);
    expect(checkClock(now, false)[0]?.level).toBe('warning');
    expect(levels(checkClock(0, true))).toEqual(['problem clock: this machine believes that it is 1970-01-01 00:00 UTC']);
  });
});
