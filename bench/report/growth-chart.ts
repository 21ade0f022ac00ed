/** How the cost of a packet changes with the number of calls. */

import { type Series, summarize } from '../series.ts';
import type { Chart } from './svg.ts';

const metric = 'CPU per packet';

export function growthChart(series: readonly Series[]): Chart {
  const costs = series.filter((one) => one.metric === metric);
  const subjects = [...new Set(costs.map(({ subject }) => subject))];
  return {
    title: 'CPU per relayed packet (median of the rounds)',
    xTitle: 'calls at once',
    yTitle: 'us',
    lines: subjects.map((name) => ({ name, points: pointsOf(costs.filter(({ subject }) => subject === name)) })),
  };
}

function pointsOf(costs: readonly Series[]): [number, number][] {
  const points = costs.flatMap(({ scenario, rounds }): [number, number][] => {
    const median = summarize(rounds)?.median;
    return median === undefined ? [] : [[Number.parseInt(scenario, 10), median]];
  });
  return points.sort(([a], [b]) => a - b);
}
