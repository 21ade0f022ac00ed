import { expect, test } from 'vitest';
import type { Findings } from '../../../bench/findings.ts';
import { assess, type Goal, goals, goalTable } from '../../../bench/goals.ts';

const goal: Goal = {
  benchmark: 'relay',
  subject: 'offhook',
  scenario: '500 calls',
  metric: 'CPU per packet',
  against: ['one', 'two'],
  atMost: 0.7,
  unit: 'times',
};

function findings(rounds: Readonly<Record<string, (number | null)[]>>): Findings {
  const series = Object.entries(rounds).map(([subject, values]) => ({ ...goal, subject, unit: 'us', rounds: values }));
  return { settings: {}, baselines: [], best: 'lowest', series, notes: [], failures: [] };
}

test('a ratio is taken against the better peer', () => {
  const { reached, met } = assess(goal, findings({ offhook: [6, 8], one: [20, 20], two: [10, 10] }));
  expect(reached?.median).toBeCloseTo(0.7);
  expect(met).toBe(true);
});

test('a figure above the limit misses, one that was not measured is neither', () => {
  expect(assess(goal, findings({ offhook: [9], one: [10], two: [11] })).met).toBe(false);
  expect(assess(goal, findings({ one: [10] })).met).toBeNull();
  expect(assess(goal, findings({ offhook: [null], one: [10] })).met).toBeNull();
  expect(assess(goal, undefined).met).toBeNull();
});

test('capacity must reach its goal from above', () => {
  const { atMost: _, ...figure } = goal;
  const capacity: Goal = { ...figure, atLeast: 1.7 };
  expect(assess(capacity, { ...findings({ offhook: [1800], one: [900], two: [950] }), best: 'highest' }).met).toBe(true);
  expect(assess(capacity, { ...findings({ offhook: [1500], one: [900], two: [950] }), best: 'highest' }).met).toBe(false);
});

test('every goal has one limit and a row', () => {
  for (const { atMost, atLeast } of goals) expect([atMost, atLeast].filter((limit) => limit !== undefined)).toHaveLength(1);
  expect(goalTable(goals.map((one) => assess(one, undefined))).rows).toHaveLength(goals.length);
});
