#!/usr/bin/env node
/** The program: command line, signals, exit code. */

import { fileURLToPath } from 'node:url';
import { systemClock } from './base/clock.ts';
import { errorText } from './base/errors.ts';
import { systemRandom } from './base/random.ts';
import type { Environment } from './cli/environment.ts';
import { tryTcp } from './cli/probe.ts';
import { runCommandLine } from './cli/program.ts';
import { dtlsDriver } from './dtls/driver.ts';
import { createGateway, product } from './gateway.ts';
import { parseUri } from './sip/message/uri.ts';
import { Resolver, systemDns } from './sip/transport/resolver.ts';

/** 128 + SIGINT: what shells say of a program that was interrupted. */
const interrupted = 130;
/** A terminal and npm may both pass on one and the same Ctrl+C. */
const sameSignalMs = 500;
/** For an orderly end after a defect. */
const lastChanceMs = 15_000;
/** For whatever keeps the process alive after the command has ended. */
const lingerMs = 2000;

/** The first signal asks, a second one ends the process at once. */
function stopRequested(): Promise<string> {
  return new Promise((resolve) => {
    let askedMs: number | undefined;
    const ask = (signal: string): void => {
      if (askedMs !== undefined && performance.now() - askedMs > sameSignalMs) process.exit(interrupted);
      askedMs ??= performance.now();
      resolve(signal);
    };
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => ask(signal));
    process.on('uncaughtException', (error) => {
      process.stderr.write(`${error.stack ?? error.message}\n`);
      process.exitCode = 1;
      setTimeout(() => process.exit(), lastChanceMs).unref();
      resolve('uncaught exception');
    });
    // A promise that nobody waited for is a defect, but no reason to end everybody's calls.
    process.on('unhandledRejection', (reason) => process.stderr.write(`unhandled rejection: ${errorText(reason)}\n`));
  });
}

const environment: Environment = {
  version: product.slice(product.indexOf('/') + 1),
  variables: process.env,
  clock: systemClock,
  pages: fileURLToPath(new URL('./web', import.meta.url)),
  print: (text) => process.stdout.write(text),
  complain: (line) => process.stderr.write(`${line}\n`),
  stopRequested,
  isFree: (address) =>
    tryTcp(address).then(
      () => true,
      () => false,
    ),
  createGateway,
  createCarrier: async () => (await import('./carrier/carrier.ts')).createCarrier(), // the demo alone needs it
  async resolveTarget(target) {
    const resolver = new Resolver({ dns: systemDns(), clock: systemClock, random: systemRandom });
    return (await resolver.candidates(parseUri(target))).map(({ address }) => address);
  },
  dtlsDriver: (choice) => dtlsDriver(choice),
};

const exitCode = await runCommandLine(process.argv.slice(2), environment);
process.exitCode ||= exitCode;
setTimeout(() => process.exit(), lingerMs).unref();
