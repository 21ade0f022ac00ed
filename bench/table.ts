/** Findings as rows of text, for the terminal and for Markdown. */

import type { Findings } from './findings.ts';
import { bestOf, ratios, type Series, type Summary, summarize } from './series.ts';

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

type Comparable = Pick<Findings, 'series' | 'baselines' | 'best'>;

/** One table for each metric: a row for each subject under each scenario, in the order of measuring. */
export function tablesOf(findings: Comparable): Table[] {
  const metrics = [...new Set(findings.series.map((series) => series.metric))];
  return metrics.map((metric) => {
    const series = findings.series.filter((candidate) => candidate.metric === metric);
    const unit = series[0]?.unit ?? '';
    const against = findings.baselines.length === 0 ? [] : [`against ${findings.baselines.join(' or ')}`];
    return {
      title: unit === '' ? metric : `${metric} (${unit})`,
      columns: ['', 'measured', 'median', 'min', 'max', 'rounds', ...against],
      rows: series.map((each) => row(each, findings)),
    };
  });
}

function row(series: Series, findings: Comparable): string[] {
  const summary = summarize(series.rounds);
  const cells = summary ? [summary.median, summary.min, summary.max].map(figure) : ['-', '-', '-'];
  const ratio = ratioToBaseline(series, findings);
  const against = findings.baselines.length === 0 ? [] : [ratio ? spread(ratio) : ''];
  return [series.scenario, series.subject, ...cells, String(summary?.count ?? 0), ...against];
}

/** Median and spread of the quotients, round by round; null for the baseline itself. */
function ratioToBaseline(series: Series, { series: all, baselines, best }: Comparable): Summary | null {
  const baseline = bestOf(all, baselines, series, best);
  return baseline && baseline !== series ? summarize(ratios(series, baseline)) : null;
}

/** The median, and in brackets the smallest and the largest. */
export function spread({ median, min, max }: Summary): string {
  return `${figure(median)} (${figure(min)} to ${figure(max)})`;
}

/** Three significant digits, never in exponents. */
export function figure(value: number): string {
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 4));
}

export function printText({ title, columns, rows }: Table): string {
  const widths = columns.map((column, at) => Math.max(column.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd();
  return [title, line(columns), ...rows.map(line), ''].join('\n');
}

export function printMarkdown({ title, columns, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const right = columns.map((_, at) => (at < 2 ? '---' : '---:'));
  return [`**${title}**`, '', line(columns), line(right), ...rows.map(line), ''].join('\n');
}
