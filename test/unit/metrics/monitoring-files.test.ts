/** The Grafana dashboard and the alert rules speak of metrics, labels and values that exist. */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { callEndCauses } from '../../../src/events/call-end.ts';
import { type Mentions, readExpression } from '../../support/promql.ts';
import { RunningMetrics } from './running.ts';

const alertsFile = fileURLToPath(new URL('../../../config/prometheus/alerts.yaml', import.meta.url));
const dashboardFile = fileURLToPath(new URL('../../../config/grafana/offhook.json', import.meta.url));

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: Readonly<Record<string, string>>;
}

interface Panel {
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
}

const rules = (parse(readFileSync(alertsFile, 'utf8')) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules);
const dashboard = JSON.parse(readFileSync(dashboardFile, 'utf8')) as Dashboard;

/** What Prometheus itself adds to every metric that it reads. */
const added = ['job', 'instance'];
/** Labels whose values are a closed list. */
const values: Readonly<Record<string, readonly string[]>> = {
  cause: callEndCauses,
  side: ['browser', 'trunk'],
  what: ['path-lost', 'dtls-failed', 'srtp-authentication-failing', 'rtp-refused', 'ice-check-refused', 'relay-late'],
};

/** metric -> its labels */
const known = new Map<string, Set<string>>([['up', new Set(added)]]);
const running = new RunningMetrics();

beforeAll(async () => {
  running.happen();
  for (const line of await running.lines()) {
    const sample = /^([a-z_0-9]+)(?:\{(.*)\})? /.exec(line);
    if (!sample?.[1]) continue;
    const labels = [...(sample[2] ?? '').matchAll(/([a-z_]+)="/g)].map((match) => match[1] ?? '');
    known.set(sample[1], new Set([...(known.get(sample[1]) ?? added), ...labels]));
  }
});
afterAll(() => running.metrics.close());

function mistakesOf({ selectors, groupings }: Mentions, legend: readonly string[] = []): string[] {
  const unknown = selectors.filter(({ metric }) => !known.has(metric)).map(({ metric }) => `no metric ${metric}`);
  const strange = selectors.flatMap(({ metric, matchers }) =>
    matchers
      .filter(({ label }) => known.has(metric) && !known.get(metric)?.has(label))
      .map(({ label }) => `${metric} has no label ${label}`),
  );
  const impossible = selectors.flatMap(({ matchers }) =>
    matchers.flatMap(({ label, value }) =>
      value.split('|').filter((each) => !each.startsWith('$') && values[label] && !values[label].includes(each)),
    ),
  );
  const everywhere = new Set(selectors.flatMap(({ metric }) => [...(known.get(metric) ?? [])]));
  const homeless = [...groupings, ...legend].filter((label) => !everywhere.has(label)).map((label) => `no metric here has ${label}`);
  return [...unknown, ...strange, ...impossible.map((value) => `no such value: ${value}`), ...homeless];
}

function labelsIn(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map((match) => match[1] ?? '');
}

describe('alert rules', () => {
  test.each(rules.map((rule) => [rule.alert, rule] as const))('%s', (_name, { expr, annotations }) => {
    const texts = Object.values(annotations).join(' ');
    expect(mistakesOf(readExpression(expr), labelsIn(texts, /\$labels\.([a-z_]+)/g))).toEqual([]);
    expect(annotations['summary']).not.toBe('');
    expect(annotations['description']).not.toBe('');
  });

  test('have names of their own', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });

  test('please promtool, where it is installed', () => {
    try {
      execFileSync('promtool', ['check', 'rules', alertsFile], { encoding: 'utf8', stdio: 'pipe' });
    } catch (error) {
      if ((error as { code?: string }).code !== 'ENOENT') throw error;
    }
  });
});

describe('the dashboard', () => {
  const targets = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map((target) => [title, target] as const));

  test.each(targets)('%s', (_title, { expr, legendFormat }) => {
    expect(mistakesOf(readExpression(expr), labelsIn(legendFormat, /\{\{([a-z_]+)\}\}/g))).toEqual([]);
  });

  test('marks the starts and fills its variables from metrics that exist', () => {
    for (const { expr } of dashboard.annotations.list) expect(mistakesOf(readExpression(expr))).toEqual([]);
    for (const { definition } of dashboard.templating.list) {
      if (definition === undefined) continue;
      const [, metric = '', label = ''] = /^label_values\(([a-z_]+), ([a-z_]+)\)$/.exec(definition) ?? [];
      expect([metric, known.get(metric)?.has(label)]).toEqual([metric, true]);
    }
  });

  test('lays its panels out without overlap', () => {
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)}/${y + Math.floor(at / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...dashboard.panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24);
  });

  test('shows all metrics of calls, media, trunks and security but two that others tell better', () => {
    const family = (name: string) => name.replace(/_(bucket|sum|count)$/, '');
    const shown = new Set(targets.flatMap(([, { expr }]) => readExpression(expr).selectors.map(({ metric }) => family(metric))));
    const families = new Set([...known.keys()].map(family));
    const missing = [...families].filter((name) => /^offhook_(call|calls|media|trunk|security)_/.test(name) && !shown.has(name));
    expect(missing.sort()).toEqual(['offhook_call_answer_delay_seconds', 'offhook_call_loss_ratio']);
  });
});

describe('the reader of expressions', () => {
  test('tells metrics from functions, and finds matchers and groupings', () => {
    const { selectors, groupings } = readExpression('sum by (a, le) (rate(m_total{x="1",y=~"p|q"}[5m])) / on(b) n > 0.5e3 and up');
    expect(selectors.map(({ metric }) => metric)).toEqual(['m_total', 'n', 'up']);
    expect(selectors[0]?.matchers).toEqual([
      { label: 'x', operator: '=', value: '1' },
      { label: 'y', operator: '=~', value: 'p|q' },
    ]);
    expect(groupings).toEqual(['a', 'le', 'b']);
  });

  test('finds what does not exist', () => {
    expect(mistakesOf(readExpression('offhook_nothing'))).toEqual(['no metric offhook_nothing']);
    expect(mistakesOf(readExpression('offhook_calls_ended_total{user="x"}'))).toEqual(['offhook_calls_ended_total has no label user']);
    expect(mistakesOf(readExpression('offhook_calls_ended_total{cause="bored"}'))).toEqual(['no such value: bored']);
    expect(mistakesOf(readExpression('sum by (mood) (offhook_draining)'))).toEqual(['no metric here has mood']);
  });
});
