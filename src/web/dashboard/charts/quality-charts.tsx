/** Loss, jitter, bitrate and listening quality of a call over its time. */

import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Trace } from '../../../api/resources/traces.ts';
import { Empty } from '../parts/state.tsx';
import { Chart } from './chart.tsx';
import { type Curve, type PathName, pathNames, qualityCurves } from './series.ts';

const pathWords: Readonly<Record<PathName, string>> = {
  'from-browser': 'From browser',
  'to-browser': 'To browser',
  'from-trunk': 'From trunk',
  'to-trunk': 'To trunk',
};

export function QualityCharts({ samples }: { samples: Trace['quality'] }): JSX.Element {
  const { times, loss, jitter, bitrate, mos } = useMemo(() => qualityCurves(samples), [samples]);
  if (samples.length < 2) return <Empty title="Not enough measured yet.">A sample is taken every five seconds of a call with media.</Empty>;
  const ofMos: Partial<Record<PathName, Curve>> = mos;
  return (
    <>
      <ul class="chart-key">
        {pathNames.map((path) => (
          <li key={path} data-path={path}>
            {pathWords[path]}
          </li>
        ))}
      </ul>
      <Chart title="Loss" unit="%" digits={1} range={[0, 2]} times={times} curves={loss} names={pathWords} />
      <Chart title="Jitter" unit="ms" digits={1} range={[0, 10]} times={times} curves={jitter} names={pathWords} />
      <Chart title="Bitrate" unit="kbit/s" digits={0} range={[0, 80]} times={times} curves={bitrate} names={pathWords} />
      <Chart title="MOS" unit="" digits={1} range={[1, 4.5]} times={times} curves={ofMos} names={pathWords} />
    </>
  );
}
