/** One chart on uPlot: it draws what this page's colours say, follows the width of its place and the system's light or dark. */

import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatTime } from '../format.ts';
import { type Curve, type PathName, pathNames } from './series.ts';

interface ChartProps {
  readonly title: string;
  readonly unit: string;
  /** Decimals of its values. */
  readonly digits: number;
  /** What the scale shows at least. */
  readonly range: readonly [number, number];
  readonly times: readonly number[];
  readonly curves: Readonly<Partial<Record<PathName, Curve>>>;
  readonly names: Readonly<Record<PathName, string>>;
}

const height = 120;

export function Chart(props: ChartProps): JSX.Element {
  const { title, unit, times, curves } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const dark = useDark();
  const paths = pathNames.filter((path) => path in curves);
  const data = useRef<uPlot.AlignedData>([[]]);
  data.current = [[...times], ...paths.map((path) => [...(curves[path] ?? [])])];

  useEffect(() => {
    const target = place.current;
    if (!target) return;
    const drawn = new uPlot(optionsOf(props, paths, target, setPointed), data.current, target);
    plot.current = drawn;
    const follow = new ResizeObserver(() => drawn.setSize({ width: target.clientWidth, height }));
    follow.observe(target);
    return () => {
      follow.disconnect();
      drawn.destroy();
    };
  }, [dark]);
  useEffect(() => plot.current?.setData(data.current), [times]);

  const index = pointed ?? times.length - 1;
  return (
    <figure class="chart">
      <figcaption>
        <span class="chart-title">
          {title}
          {unit !== '' && <span class="soft">{` ${unit}`}</span>}
        </span>
        <span class="chart-values">
          <span class="soft">{formatTime((times[index] ?? 0) * 1000)}</span>
          {paths.map((path) => (
            <span key={path} data-path={path}>
              <span class="visually-hidden">{`${props.names[path]} `}</span>
              {valueText(curves[path]?.[index], props.digits)}
            </span>
          ))}
        </span>
      </figcaption>
      <div ref={place} class="chart-place" aria-hidden="true" />
    </figure>
  );
}

function valueText(value: number | null | undefined, digits: number): string {
  return value === null || value === undefined ? '–' : value.toFixed(digits);
}

/** What comes from us is dashed: it is what the other side reports. */
function optionsOf(
  props: ChartProps,
  paths: readonly PathName[],
  target: HTMLElement,
  point: (index: number | null) => void,
): uPlot.Options {
  const style = getComputedStyle(target);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const [low, high] = props.range;
  const axis = {
    stroke: colour('--soft-ink'),
    font: `11px ${style.fontFamily}`,
    ticks: { show: false },
    grid: { stroke: colour('--line'), width: 1 },
  };
  return {
    width: target.clientWidth,
    height,
    padding: [8, 4, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false }, sync: { key: 'quality' } },
    scales: { y: { range: (_plot, _min, max) => [low, Math.max(high, 1.1 * (max ?? 0))] } },
    axes: [
      { ...axis, size: 24, space: 70, grid: { show: false }, values: (_plot, times) => times.map((time) => formatTime(time * 1000)) },
      { ...axis, size: 36, space: 24 },
    ],
    series: [
      {},
      ...paths.map((path) => ({
        stroke: colour(path.endsWith('browser') ? '--us' : '--them'),
        width: 1.5,
        points: { show: false },
        spanGaps: false,
        ...(path.startsWith('to-') ? { dash: [4, 4] } : {}),
      })),
    ],
    hooks: { setCursor: [({ cursor }) => point(cursor.idx ?? null)] },
  };
}

function useDark(): boolean {
  const [dark, setDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const follow = (): void => setDark(query.matches);
    query.addEventListener('change', follow);
    return () => query.removeEventListener('change', follow);
  }, []);
  return dark;
}
