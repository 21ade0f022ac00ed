/** A line chart as SVG, readable on light and dark pages. */

export interface ChartLine {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Chart {
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly lines: readonly ChartLine[];
}

const width = 760;
const height = 420;
const plot = { left: 60, right: 540, top: 50, bottom: 360 };
/** Distinguishable without colour vision too (Okabe and Ito). */
const colours = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#d55e00', '#56b4e9', '#000000'];

export function printChart(chart: Chart): string {
  const points = chart.lines.flatMap((line) => line.points);
  const xs = [...new Set(points.map(([x]) => x))].sort((a, b) => a - b);
  const x = scale(0, Math.max(1, ...xs), plot.left, plot.right);
  const top = ceiling(Math.max(1, ...points.map(([, y]) => y)));
  const y = scale(0, top, plot.bottom, plot.top);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<title>${escapeXml(chart.title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(plot.left, 28, chart.title, 'font-size="15" font-weight="bold"'),
    ...[0, 1, 2, 3, 4].flatMap((step) => horizontal(y((top * step) / 4), (top * step) / 4)),
    ...xs.map((value) => text(x(value), plot.bottom + 18, String(value), 'text-anchor="middle"')),
    text((plot.left + plot.right) / 2, plot.bottom + 40, chart.xTitle, 'text-anchor="middle"'),
    text(16, plot.top - 8, chart.yTitle),
    ...chart.lines.flatMap((line, index) => drawLine(line, index, x, y)),
    '</svg>',
    '',
  ].join('\n');
}

type Scale = (value: number) => number;

function scale(from: number, to: number, at: number, end: number): Scale {
  return (value) => Math.round(at + ((value - from) / (to - from)) * (end - at));
}

/** The next of 1, 2, 4, 6, 8, 10 times a power of ten: quarters of it are easy to read. */
function ceiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 4, 6, 8].find((step) => step * power >= value) ?? 10);
}

function horizontal(at: number, value: number): string[] {
  const line = `<line x1="${plot.left}" y1="${at}" x2="${plot.right}" y2="${at}" stroke="#dddddd"/>`;
  return [line, text(plot.left - 8, at + 4, String(value), 'text-anchor="end"')];
}

function drawLine({ name, points }: ChartLine, index: number, x: Scale, y: Scale): string[] {
  const colour = colours[index % colours.length];
  const path = points.map(([px, py]) => `${x(px)},${y(py)}`).join(' ');
  const legend = plot.top + 20 * index;
  return [
    `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...points.map(([px, py]) => `<circle cx="${x(px)}" cy="${y(py)}" r="3" fill="${colour}"/>`),
    `<line x1="${plot.right + 20}" y1="${legend}" x2="${plot.right + 44}" y2="${legend}" stroke="${colour}" stroke-width="2"/>`,
    text(plot.right + 50, legend + 4, name),
  ];
}

function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${x}" y="${y}" fill="#222222"${attributes === '' ? '' : ` ${attributes}`}>${escapeXml(content)}</text>`;
}

function escapeXml(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
