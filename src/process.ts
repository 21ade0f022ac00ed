/** The process: command line, signals, exit code. */

import { isatty } from 'node:tty';
import { fileURLToPath } from 'node:url';
import { systemClock } from './base/clock.ts';
import { errorText } from './base/errors.ts';
import { silentLog } from './base/log.ts';
import { systemRandom } from './base/random.ts';
import type { Environment } from './cli/environment.ts';
import { tryTcp } from './cli/probe.ts';
import { runCommandLine } from './cli/program.ts';
import { Signals } from './cli/signals.ts';
import { dtlsDriver } from './dtls/driver.ts';
import { createGateway, product } from './gateway.ts';
import { openTokens } from './persistence.ts';
import { type ChosenUdpDriver, type UdpChoice, udpDriver } from './relay/io/udp-driver.ts';
import { parseUri } from './sip/message/uri.ts';
import { probeWithOptions } from './sip/transport/options-probe.ts';
import { Resolver, systemDns } from './sip/transport/resolver.ts';
import { srtpDriver } from './srtp/driver.ts';

/** 128 + SIGINT: what shells say of a program that was interrupted. */
const interrupted = 130;
/** For an orderly end after a defect. */
const lastChanceMs = 15_000;
/** For whatever keeps the process alive after the command has ended. */
const lingerMs = 2000;

const hadTerminal = process.stdout.isTTY;

const signals = new Signals({
  on: (signal, listener) => process.on(signal, listener),
  lostTerminal: () => hadTerminal && !isatty(process.stdout.fd),
  exit: () => process.exit(interrupted),
  now: () => performance.now(),
});

/** From the first call on defects, too, end the program in order. */
function stopRequested(): Promise<string> {
  if (process.listenerCount('uncaughtException') === 0) expectDefects();
  return signals.next();
}

function expectDefects(): void {
  process.on('uncaughtException', (error) => {
    process.stderr.write(`${error.stack ?? error.message}\n`);
    process.exitCode = 1;
    setTimeout(() => process.exit(), lastChanceMs).unref();
    signals.stop('uncaught exception');
  });
  // A promise that nobody waited for is a defect, but no reason to end everybody's calls.
  process.on('unhandledRejection', (reason) => process.stderr.write(`unhandled rejection: ${errorText(reason)}\n`));
}

/** Without a service manager or without FFI nobody is told. */
async function supervisor(socket: string | undefined): Promise<(state: string) => void> {
  const native = socket ? await import('./native/notify.ts').catch(() => null) : null;
  return (state) => {
    try {
      if (socket) native?.sendToUnixSocket(socket, state);
    } catch (error) {
      process.stderr.write(`the service manager cannot be told: ${errorText(error)}\n`);
    }
  };
}

async function tryUdpDriver(choice: UdpChoice): Promise<ChosenUdpDriver> {
  const chosen = await udpDriver(choice, systemClock, 0);
  chosen.driver.shutdown();
  return chosen;
}

function trunkResolver(): Resolver {
  return new Resolver({ dns: systemDns(), clock: systemClock, random: systemRandom });
}

const environment: Environment = {
  version: product.slice(product.indexOf('/') + 1),
  variables: process.env,
  clock: systemClock,
  pages: fileURLToPath(new URL('./web', import.meta.url)),
  print: (text) => process.stdout.write(text),
  complain: (line) => process.stderr.write(`${line}\n`),
  stopRequested,
  onReload: (reload) => signals.onReload(reload),
  notify: await supervisor(process.env['NOTIFY_SOCKET']),
  isFree: (address) =>
    tryTcp(address).then(
      () => true,
      () => false,
    ),
  createGateway,
  createCarrier: async () => (await import('./carrier/carrier.ts')).createCarrier(), // the demo alone needs it
  async openTokens(config) {
    const { tokens, close } = await openTokens({ config, clock: systemClock, random: systemRandom, log: silentLog });
    return {
      create: (name, role) => tokens.create(name, role),
      list: () => tokens.list(),
      revoke: (name) => tokens.revoke(name),
      close,
    };
  },
  async resolveTarget(target) {
    return (await trunkResolver().candidates(parseUri(target))).map(({ address }) => address);
  },
  async askTrunk(target, { udp, tcp, advertise }) {
    const uri = parseUri(target);
    const [server] = await trunkResolver().candidates(uri);
    if (!server) throw new Error('it has no address');
    const local = server.transport === 'udp' ? udp : tcp;
    return await probeWithOptions({ server, uri, local, advertise: advertise?.host ?? null, random: systemRandom });
  },
  udpDriver: tryUdpDriver,
  dtlsDriver: (choice) => dtlsDriver(choice),
  srtpDriver: (choice) => srtpDriver(choice),
};

const exitCode = await runCommandLine(process.argv.slice(2), environment);
process.exitCode ||= exitCode;
setTimeout(() => process.exit(), lingerMs).unref();
