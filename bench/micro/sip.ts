/** SIP: a browser's INVITE read and printed, by our message layer and by the parsers of JsSIP and SIP.js. */

import { createRequire } from 'node:module';
import { LoggerFactory } from 'sip.js/lib/core/log/index.js';
import { Parser } from 'sip.js/lib/core/messages/parser.js';
import { parseMessage } from '../../src/sip/message/parse.ts';
import { printMessage } from '../../src/sip/message/print.ts';
import type { Findings } from '../findings.ts';
import type { BenchOptions } from '../options.ts';
import { capturedInvite } from './captured.ts';
import { measureCpu, type Operation, repeated, roundOptions } from './cpu-rounds.ts';

export async function benchSip({ short, rounds }: BenchOptions): Promise<Findings> {
  const invite = capturedInvite();
  const options = roundOptions(short, rounds);
  return {
    settings: { messageBytes: invite.length, ...options },
    baselines: ['JsSIP', 'SIP.js'],
    best: 'lowest',
    series: measureCpu([...ownOperations(invite), ...peerOperations(invite)], 'CPU per message', options),
    notes: ['JsSIP and SIP.js keep the text of a message: they have nothing to set against printing.'],
    failures: [],
  };
}

function ownOperations(invite: Uint8Array): Operation[] {
  const message = parseMessage(invite);
  return [
    repeated('offhook', 'parse', () => parseMessage(invite)),
    repeated('offhook', 'print', () => printMessage(message)),
    repeated('offhook', 'parse and print', () => printMessage(parseMessage(invite))),
  ];
}

function peerOperations(invite: Buffer): Operation[] {
  const logger = new LoggerFactory();
  logger.builtinEnabled = false;
  const log = logger.getLogger('bench');
  const jssip = createRequire(import.meta.url)('jssip/lib/Parser') as { parseMessage(data: string, ua: object): object | undefined };
  return [
    repeated('JsSIP', 'parse', () => parsed(jssip.parseMessage(invite.toString(), {}))),
    repeated('SIP.js', 'parse', () => parsed(Parser.parseMessage(invite.toString(), log))),
  ];
}

function parsed(message: object | undefined): void {
  if (!message) throw new Error('a peer refuses the INVITE that it sent itself');
}
