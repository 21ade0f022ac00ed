/** Tables and charts of docs/performance.md, from the JSON of the benchmarks: no figure is copied by hand. */

import { readFileSync, writeFileSync } from 'node:fs';
import { type BenchmarkName, type KeptFindings, readFindings } from '../findings.ts';
import { assess, goals, goalTable } from '../goals.ts';
import type { BenchOptions } from '../options.ts';
import { inPackage } from '../package-root.ts';
import { printMarkdown, tablesOf } from '../table.ts';
import { growthChart } from './growth-chart.ts';
import { fillSections } from './sections.ts';
import { printChart } from './svg.ts';

const names: readonly BenchmarkName[] = ['relay', 'capacity', 'setup', 'memory', 'srtp', 'dtls', 'sip', 'sdp'];
const page = inPackage('docs', 'performance.md');

export function report({ results }: BenchOptions): number {
  const kept = names.map((name) => [name, readFindings(results, name)] as const);
  const sections = new Map<string, string>(kept.map(([name, findings]) => [name, sectionOf(name, findings)]));
  const all = new Map(kept);
  sections.set('goals', printMarkdown(goalTable(goals.map((goal) => assess(goal, all.get(goal.benchmark))))));
  writeFileSync(page, fillSections(readFileSync(page, 'utf8'), sections));
  const relay = all.get('relay');
  if (relay) writeFileSync(inPackage('docs', 'performance-relay.svg'), printChart(growthChart(relay.series)));
  console.log(`written to ${page}`);
  return 0;
}

function sectionOf(name: BenchmarkName, findings: KeptFindings | undefined): string {
  if (!findings) return `Not measured yet: \`npm run bench -- ${name}\`.`;
  const { machine, settings, short, series, baselines, best, notes, failures } = findings;
  const place = `${machine.cpu}, ${machine.cores} cores, Linux ${machine.kernel}, Node ${machine.node}`;
  const conditions = Object.entries(settings).map(([key, value]) => `${key} ${value}`);
  return [
    ...(short ? ['**A short run, for function only: these figures mean nothing.**', ''] : []),
    ...tablesOf({ series, baselines, best }).map(printMarkdown),
    ...notes.map((note) => `- ${note}`),
    ...failures.map((failure) => `- failed: ${failure}`),
    '',
    `${place}; ${conditions.join(', ')}.`,
  ].join('\n');
}
