/** What the gateway found out about a call by itself. */

import type { JSX } from 'preact';
import type { Finding, FindingList } from '../../../api/resources/findings.ts';
import type { Resource } from '../data/resource.ts';
import { formatTime } from '../format.ts';
import { Icon, type IconName } from '../parts/icon.tsx';
import { Failure } from '../parts/state.tsx';
import { showHidden } from '../safe-text.ts';

const icons: Readonly<Record<Finding['severity'], IconName>> = { info: 'info', warning: 'warning', problem: 'problem' };
const order: readonly Finding['severity'][] = ['problem', 'warning', 'info'];
const pathWords: Readonly<Record<NonNullable<Finding['path']>, string>> = {
  'browser->gateway': 'Browser to gateway',
  'gateway->trunk': 'Gateway to trunk',
  'trunk->gateway': 'Trunk to gateway',
  'gateway->browser': 'Gateway to browser',
};

interface FindingsProps {
  readonly of: Resource<FindingList>;
  /** Those of the record, where the trace is gone. */
  readonly stored: readonly Finding[];
  readonly running: boolean;
}

export function Findings({ of, stored, running }: FindingsProps): JSX.Element {
  const known = of.data?.findings ?? stored;
  const sorted = [...known].sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
  const failed = of.failure !== null && of.failure.status !== 404;
  return (
    <section class="findings" aria-labelledby="findings-title" aria-live="polite">
      <h2 id="findings-title" class="visually-hidden">
        Findings
      </h2>
      {failed && of.failure && <Failure failure={of.failure} retry={of.reload} />}
      {sorted.map((finding) => (
        <FindingCard key={`${finding.rule} ${finding.path}`} finding={finding} />
      ))}
      {of.data !== null && sorted.length === 0 && (
        <p class="no-findings">
          <Icon name="check" />
          {running ? 'Nothing is wrong with this call so far.' : 'Nothing was wrong with this call.'}
        </p>
      )}
    </section>
  );
}

function FindingCard({ finding }: { finding: Finding }): JSX.Element {
  const { severity, text, path, evidence, advice, since } = finding;
  const where = [path === null ? 'Whole call' : pathWords[path], since === null ? null : `since ${formatTime(since)}`].filter(
    (part) => part !== null,
  );
  return (
    <article class="finding" data-severity={severity}>
      <Icon name={icons[severity]} />
      <div>
        <h3>
          <span class="visually-hidden">{severity}: </span>
          {showHidden(text)}
        </h3>
        <p class="soft">{where.join(', ')}</p>
        {evidence.length > 0 && (
          <ul class="evidence">
            {evidence.map((line) => (
              <li key={line}>{showHidden(line)}</li>
            ))}
          </ul>
        )}
        {advice !== '' && <p class="advice">{showHidden(advice)}</p>}
      </div>
    </article>
  );
}
