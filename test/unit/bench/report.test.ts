import { expect, test } from 'vitest';
import { growthChart } from '../../../bench/report/growth-chart.ts';
import { fillSections } from '../../../bench/report/sections.ts';
import { printChart } from '../../../bench/report/svg.ts';
import { figure, printMarkdown, printText, tablesOf } from '../../../bench/table.ts';

const series = [
  { subject: 'offhook', scenario: '1000 calls', metric: 'CPU per packet', unit: 'us', rounds: [5, 6, 7] },
  { subject: 'offhook', scenario: '50 calls', metric: 'CPU per packet', unit: 'us', rounds: [15] },
  { subject: 'a<b', scenario: '50 calls', metric: 'CPU per packet', unit: 'us', rounds: [null] },
  { subject: 'peer', scenario: '1000 calls', metric: 'CPU per packet', unit: 'us', rounds: [10, 10, 10] },
];

test('figures have three digits and no exponent', () => {
  expect([0, 0.04567, 5.678, 12.345, 123.456, 123456].map(figure)).toEqual(['0', '0.0457', '5.68', '12.3', '123', '123456']);
});

test('a table has a row for each subject under each scenario, with the ratio to the baseline', () => {
  const [table] = tablesOf({ series, baselines: ['peer'], best: 'lowest' });
  expect(table?.title).toBe('CPU per packet (us)');
  expect(table?.rows).toEqual([
    ['1000 calls', 'offhook', '6.00', '5.00', '7.00', '3', '0.600 (0.500 to 0.700)'],
    ['50 calls', 'offhook', '15.0', '15.0', '15.0', '1', ''],
    ['50 calls', 'a<b', '-', '-', '-', '0', ''],
    ['1000 calls', 'peer', '10.0', '10.0', '10.0', '3', ''],
  ]);
});

test('the same table prints as text and as Markdown', () => {
  const table = { title: 'T', columns: ['', 'who', 'how much'], rows: [['x', 'offhook', '1']] };
  expect(printText(table)).toBe('T\n   who      how much\nx  offhook  1\n');
  expect(printMarkdown(table)).toBe('**T**\n\n|  | who | how much |\n| --- | --- | ---: |\n| x | offhook | 1 |\n');
});

test('a page keeps all that stands outside of its sections', () => {
  const page = 'before <!-- bench:sip -->old<!-- /bench:sip --> after';
  const filled = fillSections(page, new Map([['sip', 'new']]));
  expect(filled).toBe('before <!-- bench:sip -->\n\nnew\n\n<!-- /bench:sip --> after');
  expect(fillSections(filled, new Map([['sip', 'new']]))).toBe(filled);
  expect(() => fillSections(page, new Map([['sdp', '']]))).toThrow('no place');
});

test('the chart has a line for each subject, in the order of calls', () => {
  const chart = growthChart(series);
  expect(chart.title).toBe('CPU per relayed packet (median of the rounds)');
  expect(chart.lines[0]).toEqual({
    name: 'offhook',
    points: [
      [50, 15],
      [1000, 6],
    ],
  });
  const svg = printChart(chart);
  expect(svg.match(/<polyline/g)).toHaveLength(3);
  expect(svg).toContain('a&lt;b');
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
});
