/** The figures to reach. Ratios are taken round by round, against the best of the named peers. */

import type { BenchmarkName, Findings } from './findings.ts';
import { bestOf, findSeries, ratios, type Summary, summarize } from './series.ts';
import { floor, floorBatching, kamailioStack, offhook, offhookBatching, offhookEager, rtpengines } from './subjects.ts';
import { spread, type Table } from './table.ts';

export interface Goal {
  readonly benchmark: BenchmarkName;
  readonly subject: string;
  readonly scenario: string;
  readonly metric: string;
  /** Peers to divide by; none: the figure itself counts. */
  readonly against?: readonly string[];
  readonly atMost?: number;
  readonly atLeast?: number;
  /** Of the limit and what was reached. */
  readonly unit: string;
}

const eager = { benchmark: 'relay', subject: offhookEager } as const;
const batching = { benchmark: 'relay', subject: offhookBatching } as const;
const cpu = { metric: 'CPU per packet', unit: 'times' } as const;

export const goals: readonly Goal[] = [
  { ...eager, ...cpu, scenario: '500 calls', against: rtpengines, atMost: 0.7 },
  { ...batching, ...cpu, scenario: '500 calls', against: rtpengines, atMost: 0.45 },
  { ...eager, ...cpu, scenario: '1000 calls', against: rtpengines, atMost: 0.7 },
  { ...batching, ...cpu, scenario: '1000 calls', against: rtpengines, atMost: 0.58 },
  { ...eager, ...cpu, scenario: '500 calls', against: [floor], atMost: 1.2 },
  { ...batching, ...cpu, scenario: '500 calls', against: [floorBatching], atMost: 1.2 },
  { ...eager, ...cpu, scenario: '1000 calls', against: [floor], atMost: 1.2 },
  { ...batching, ...cpu, scenario: '1000 calls', against: [floorBatching], atMost: 1.2 },
  { ...eager, scenario: '500 calls', metric: 'latency p50', unit: 'us', atMost: 100 },
  { ...eager, scenario: '500 calls', metric: 'latency p99', unit: 'us', atMost: 500 },
  { ...batching, scenario: '500 calls', metric: 'latency p99', unit: 'us', atMost: 2000 },
  { ...batching, benchmark: 'capacity', scenario: 'one core', metric: 'calls', against: rtpengines, unit: 'times', atLeast: 1.7 },
  { ...batching, benchmark: 'memory', scenario: '1000 calls', metric: 'memory per call', against: rtpengines, unit: 'times', atMost: 0.4 },
  { benchmark: 'dtls', subject: 'offhook, OpenSSL driver', scenario: 'handshake', metric: 'server CPU', unit: 'ms', atMost: 1.2 },
  {
    benchmark: 'setup',
    subject: offhook,
    scenario: 'complete call',
    metric: 'CPU per call',
    against: [kamailioStack],
    unit: 'times',
    atMost: 1,
  },
  { benchmark: 'sip', subject: offhook, scenario: 'parse and print', metric: 'CPU per message', unit: 'us', atMost: 25 },
];

export interface Assessment {
  readonly goal: Goal;
  /** null: not measured. */
  readonly reached: Summary | null;
  readonly met: boolean | null;
}

export function assess(goal: Goal, findings: Findings | undefined): Assessment {
  const reached = findings ? measure(goal, findings) : null;
  if (!reached) return { goal, reached, met: null };
  const { atMost = Number.POSITIVE_INFINITY, atLeast = Number.NEGATIVE_INFINITY } = goal;
  return { goal, reached, met: reached.median <= atMost && reached.median >= atLeast };
}

function measure(goal: Goal, { series, best }: Findings): Summary | null {
  const own = findSeries(series, goal);
  if (!own) return null;
  if (!goal.against) return summarize(own.rounds);
  const peer = bestOf(series, goal.against, goal, best);
  return peer ? summarize(ratios(own, peer)) : null;
}

export function goalTable(assessments: readonly Assessment[]): Table {
  return {
    title: 'Goals',
    columns: ['what', 'of', 'against', 'goal', 'reached', ''],
    rows: assessments.map(({ goal, reached, met }) => [
      `${goal.metric}, ${goal.scenario}`,
      goal.subject,
      goal.against?.join(' or ') ?? '',
      `${goal.atMost === undefined ? `at least ${goal.atLeast}` : `at most ${goal.atMost}`} ${goal.unit}`,
      reached ? spread(reached) : 'not measured',
      met === null ? '' : met ? 'met' : 'missed',
    ]),
  };
}
