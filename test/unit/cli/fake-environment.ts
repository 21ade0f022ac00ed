/** Everything that the commands need, without a gateway, a network or a process. */

import { systemClock } from '../../../src/base/clock.ts';
import { type Log, silentLog } from '../../../src/base/log.ts';
import type {
  ChosenDriver,
  DemoCarrier,
  Environment,
  GatewayExtras,
  RunningGateway,
  TokenKeeper,
  TrunkAnswer,
} from '../../../src/cli/environment.ts';
import type { Difference } from '../../../src/config/difference.ts';
import type { Config } from '../../../src/config/schema.ts';

export class FakeEnvironment implements Environment {
  readonly version = '1.2.3';
  readonly clock = systemClock;
  variables: Record<string, string> = {};
  pages = '/nowhere';
  printed = '';
  complaints = '';
  /** What happened, in its order. */
  readonly story: string[] = [];
  readonly started: { config: Config; extras: GatewayExtras | undefined }[] = [];
  /** Ports that count as taken. */
  taken: readonly number[] = [];
  drivers = { udp: 'mmsg', dtls: 'openssl', srtp: 'evp' };
  /** What trunks say to OPTIONS, by host; a word is the code of an error. Others say 200. */
  readonly answers = new Map<string, string | { status: number; reason: string }>();
  /** What SIGHUP does. */
  reload: (() => Promise<void>) | undefined;
  /** What the service manager was told. */
  readonly notices: string[] = [];
  /** What a changed configuration means; an Error refuses it. */
  difference: Difference | Error = { live: [], restart: [] };
  /** Signals to come; when there is none, nobody ever asks to stop. */
  signals = ['SIGTERM'];

  print(text: string): void {
    this.printed += text;
  }

  complain(line: string): void {
    this.complaints += `${line}\n`;
  }

  async stopRequested(): Promise<string> {
    this.story.push('serving');
    return this.signals.shift() ?? (await new Promise<never>(() => {}));
  }

  onReload(reload: () => Promise<void>): void {
    this.reload = reload;
  }

  notify(state: string): void {
    this.notices.push(state);
  }

  async isFree({ port }: { port: number }): Promise<boolean> {
    return !this.taken.includes(port);
  }

  /** What is in the store; without it there is none to open. */
  tokens: TokenKeeper | undefined;

  async openTokens(): Promise<TokenKeeper> {
    if (!this.tokens) throw new Error('no store');
    return this.tokens;
  }

  async createGateway(config: Config, extras?: GatewayExtras): Promise<RunningGateway> {
    const listen = config.http?.listen ?? null;
    if (listen && this.taken.includes(listen.port)) {
      throw Object.assign(new Error('listen EADDRINUSE'), { code: 'EADDRINUSE', address: listen.host, port: listen.port });
    }
    this.started.push({ config, extras });
    const note = (level: string) => (_fields: object, message: string) => this.story.push(`${level}: ${message}`);
    const log: Log = { ...silentLog, info: note('info'), warn: note('warn'), error: note('error') };
    return {
      log,
      listeners: { http: listen, https: null, udp: null, tcp: null },
      drain: async (patienceMs) => {
        this.story.push(`drain ${patienceMs}`);
      },
      reconfigure: async (changed) => {
        if (this.difference instanceof Error) throw this.difference;
        this.started.push({ config: changed, extras });
        return this.difference;
      },
      close: async () => {
        this.story.push('close');
      },
    };
  }

  async createCarrier(): Promise<DemoCarrier> {
    this.story.push('carrier open');
    const close = async (): Promise<void> => {
      this.story.push('carrier closed');
    };
    return { local: { host: '127.0.0.1', port: 5999 }, numbers: [{ number: '600', text: 'echo' }], close };
  }

  async resolveTarget(target: string): Promise<readonly { host: string; port: number }[]> {
    if (target.includes('nowhere')) throw new Error('nowhere.example does not resolve');
    return [{ host: '192.0.2.7', port: 5060 }];
  }

  async askTrunk(target: string): Promise<TrunkAnswer> {
    const { host } = new URL(target.replace(/^sip:/, 'http://'));
    const answer = this.answers.get(host) ?? { status: 200, reason: 'OK' };
    if (typeof answer === 'string') throw Object.assign(new Error(answer), { code: answer });
    return { afterMs: 12, fromOwnPort: true, ...answer };
  }

  udpDriver = (choice: string): Promise<ChosenDriver> => this.#choose(this.drivers.udp, choice);
  dtlsDriver = (choice: string): Promise<ChosenDriver> => this.#choose(this.drivers.dtls, choice);
  srtpDriver = (choice: string): Promise<ChosenDriver> => this.#choose(this.drivers.srtp, choice);

  async #choose(name: string, choice: string): Promise<ChosenDriver> {
    if (name === 'none') throw new Error('no library');
    return { driver: { name }, reason: `asked for ${choice}` };
  }
}
