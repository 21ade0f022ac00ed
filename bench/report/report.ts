/** Tables and charts of docs/performance.md, from the JSON of the benchmarks: no figure is copied by hand. */

import { readFileSync, writeFileSync } from 'node:fs';
import { type BenchmarkName, benchmarkNames, type KeptFindings, readFindings } from '../findings.ts';
import { assess, goals, goalTable } from '../goals.ts';
import type { BenchOptions } from '../options.ts';
import { inPackage } from '../package-root.ts';
import { printMarkdown, tablesOf } from '../table.ts';
import { growthChart } from './growth-chart.ts';
import { fillSections } from './sections.ts';
import { printChart } from './svg.ts';

/** Notes that stand on the page unfolded. */
const mostShown = 3;
const page = inPackage('docs', 'performance.md');

export function report({ results }: BenchOptions): number {
  const kept = new Map(benchmarkNames.map((name) => [name, readFindings(results, name)]));
  const sections = new Map<string, string>(benchmarkNames.map((name) => [name, sectionOf(name, kept.get(name))]));
  sections.set('goals', printMarkdown(goalTable(goals.map((goal) => assess(goal, kept.get(goal.benchmark))))));
  writeFileSync(page, fillSections(readFileSync(page, 'utf8'), sections));
  console.log(`written to ${page}`);
  return 0;
}

/** Draws how cost grows with the number of calls beside the page, and returns how the page shows it. */
function chartOf({ benchmark, series }: KeptFindings): string {
  const file = `performance-${benchmark}.svg`;
  const chart = growthChart(series);
  writeFileSync(inPackage('docs', file), printChart(chart));
  return `![${chart.title}](${file})`;
}

/** A long list stays folded until somebody asks for it. */
function listed(notes: readonly string[]): string[] {
  const lines = notes.map((note) => `- ${note}`);
  return lines.length <= mostShown ? lines : [`<details><summary>${lines.length} notes</summary>`, '', ...lines, '', '</details>'];
}

function sectionOf(name: BenchmarkName, findings: KeptFindings | undefined): string {
  if (!findings) return `Not measured yet: \`npm run bench -- ${name}\`.`;
  const { machine, settings, short, series, baselines, best, notes, failures } = findings;
  const place = `${machine.cpu}, ${machine.cores} cores, Linux ${machine.kernel}, Node ${machine.node}`;
  const conditions = Object.entries(settings).map(([key, value]) => `${key} ${value}`);
  return [
    ...(name === 'relay' ? [chartOf(findings), ''] : []),
    ...(short ? ['**A short run, for function only: these figures mean nothing.**', ''] : []),
    ...tablesOf({ series, baselines, best }).map(printMarkdown),
    ...listed(notes),
    ...failures.map((failure) => `- failed: ${failure}`),
    '',
    `${place}; ${conditions.join(', ')}.`,
  ].join('\n');
}
