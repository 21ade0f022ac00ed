/** `offhook sdp`: what the gateway makes of a description, and why. */

import { readFileSync } from 'node:fs';
import type { Explanation } from '../../sdp/explain.ts';
import { exampleGateway, type Rewritten, rewriteAnswer, rewriteOffer } from '../../sdp/rewrite.ts';
import type { Environment } from '../environment.ts';

export interface SdpOptions {
  readonly explain?: boolean;
  /** The file is the answer to this offer, which the other side had made. */
  readonly answerTo?: string;
  /** Codecs that the trunk may use, the preferred first. */
  readonly codecs?: readonly string[];
}

const standardInput = 0;

export function sdp(to: 'trunk' | 'browser', file: string, options: SdpOptions, environment: Pick<Environment, 'print'>): number {
  const gateway = { ...exampleGateway, to, codecs: options.codecs ?? exampleGateway.codecs };
  const text = read(file);
  const rewritten = options.answerTo ? rewriteAnswer(text, { ...gateway, offer: read(options.answerTo) }) : rewriteOffer(text, gateway);
  environment.print(options.explain ? explained(rewritten) : rewritten.sdp);
  return 0;
}

/** Files of descriptions are often edited by hand: line ends become those of the wire. */
function read(file: string): string {
  const text = readFileSync(file === '-' ? standardInput : file, 'utf8');
  return text.replaceAll('\r\n', '\n').replaceAll('\n', '\r\n');
}

const marks: Readonly<Record<Explanation['action'], string>> = { kept: ' ', changed: '~', removed: '-', added: '+' };
const column = 64;

function explained({ sdp, explanation }: Rewritten): string {
  const lines = explanation.map(({ action, line, was, why }) => {
    const subject = `${marks[action]} ${was === null ? line : `${was}  ->  ${line}`}`;
    if (why === '') return subject;
    return subject.length < column ? `${subject.padEnd(column)}  ${why}` : `${subject}\n${' '.repeat(column)}  ${why}`;
  });
  return `${sdp.replaceAll('\r\n', '\n')}\n  kept   ~ changed   - removed   + added\n\n${lines.join('\n')}\n`;
}
