/** SIPp as a telephone network: one scenario of `sipp/` a process, its exit code and its trace of every message. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child } from './child.ts';
import { program } from './needs.ts';
import { method, type PlainMessage, parsePlain, status, type UdpAddress } from './plain-sip.ts';
import { RtpLine } from './rtp-line.ts';
import { until } from './until.ts';

export interface SippOptions {
  /** Its own address. */
  readonly at: UdpAddress;
  /** Whom it calls; without, it waits for calls. */
  readonly calls?: { readonly user: string; readonly gateway: UdpAddress };
  readonly transport?: 'udp' | 'tcp';
  /** The whole scenario fails after this. */
  readonly timeoutSec?: number;
  /** SIPp neither sends anything again nor passes over what comes again: the scenario names each message. */
  readonly literal?: boolean;
}

const launches = 3;

export class Sipp {
  readonly #child: Child;
  readonly #folder: string;
  readonly #scenario: string;

  private constructor(child: Child, folder: string, scenario: string) {
    this.#child = child;
    this.#folder = folder;
    this.#scenario = scenario;
  }

  /** Resolves when it is ready for calls, or calls. It echoes RTP. */
  static async start(scenario: string, options: SippOptions): Promise<Sipp> {
    for (let attempt = 1; ; attempt += 1) {
      const sipp = await Sipp.#launch(scenario, options);
      if (options.calls) return sipp;
      await until('SIPp', () => isBound(options) || !sipp.#child.running);
      // Somebody else may have taken the port for media that was free a moment ago.
      if (sipp.#child.running || attempt === launches) return sipp;
      await sipp.stop();
    }
  }

  static async #launch(scenario: string, options: SippOptions): Promise<Sipp> {
    const folder = mkdtempSync(join(tmpdir(), 'offhook-sipp-'));
    const args = [...scenarioArgs(scenario, options), ...traceArgs(folder), ...(await mediaArgs(options.at))];
    return new Sipp(new Child(program('sipp'), args, { cwd: folder }), folder, scenario);
  }

  /** What came from the gateway so far, in order. */
  get received(): PlainMessage[] {
    return this.#trace('received');
  }

  get sent(): PlainMessage[] {
    return this.#trace('sent');
  }

  /** The first message of this method, or response with this status, past or to come. */
  next(what: string | number, timeoutMs?: number): Promise<PlainMessage> {
    const fits = (message: PlainMessage): boolean =>
      typeof what === 'number' ? status(message) === what : status(message) === 0 && method(message) === what;
    return until(`${what} at SIPp`, () => this.received.find(fits), timeoutMs);
  }

  /** Resolves when the scenario went to its end as written, and rejects with what SIPp says when it did not. */
  async finished(): Promise<void> {
    const { code } = await this.#child.exited;
    if (code === 0) return;
    const complaints = [read(join(this.#folder, 'errors.log')), read(join(this.#folder, 'messages.log'))].join('\n');
    throw new Error(`SIPp ${this.#scenario} ended with ${code}:\n${complaints}`);
  }

  /** Ends it if it still runs, and removes its files. */
  async stop(): Promise<void> {
    await this.#child.stop(0);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #trace(direction: 'received' | 'sent'): PlainMessage[] {
    return parseTrace(readFileSync(join(this.#folder, 'messages.log')), direction);
  }
}

function scenarioArgs(scenario: string, options: SippOptions): string[] {
  const { at, calls, transport = 'udp', timeoutSec = 20, literal = false } = options;
  const file = fileURLToPath(new URL(`./sipp/${scenario}.xml`, import.meta.url));
  return [
    ...(calls ? [`${calls.gateway.host}:${calls.gateway.port}`, '-s', calls.user] : []),
    ...['-sf', file, '-i', at.host, '-p', String(at.port), '-t', transport === 'udp' ? 'u1' : 't1', '-m', '1', '-nostdin'],
    ...['-timeout', `${timeoutSec}s`, '-timeout_error'],
    ...(literal ? ['-nr'] : []),
  ];
}

function traceArgs(folder: string): string[] {
  return ['-trace_msg', '-message_file', join(folder, 'messages.log'), '-trace_err', '-error_file', join(folder, 'errors.log')];
}

async function mediaArgs({ host }: UdpAddress): Promise<string[]> {
  const line = await RtpLine.open(host);
  line.close();
  return ['-rtp_echo', '-mi', host, '-mp', String(line.address.port)];
}

/** Whether the port is taken, as Linux lists it. */
function isBound({ at: { port }, transport = 'udp' }: SippOptions): boolean {
  return read(`/proc/net/${transport}`).includes(`:${port.toString(16).toUpperCase().padStart(4, '0')} `);
}

/** Each entry is a rule with the time, a line with the number of bytes, an empty line, and so many bytes. */
function parseTrace(log: Buffer, direction: 'received' | 'sent'): PlainMessage[] {
  const text = log.toString('latin1');
  return [...text.matchAll(/^(?:UDP|TCP) message (received|sent) [[(](\d+)\]? bytes\)? ?:\n\n/gm)].flatMap((entry) => {
    const start = entry.index + entry[0].length;
    const raw = log.subarray(start, start + Number(entry[2]));
    return entry[1] === direction ? [parsePlain(raw, { host: '', port: 0 })] : [];
  });
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
