/** The command line. */

import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { parsePort } from '../base/address.ts';
import { ConfigError } from '../config/config-error.ts';
import { SdpError } from '../sdp/sdp-error.ts';
import { check } from './commands/check.ts';
import { demo } from './commands/demo.ts';
import { sdp } from './commands/sdp.ts';
import { start } from './commands/start.ts';
import { createToken, listTokens, revokeToken } from './commands/token.ts';
import { type Environment, tokenRoles } from './environment.ts';
import { codeOf, plainError, UsageError } from './plain-error.ts';
import { addRemoteCommands } from './remote/remote-commands.ts';

/** Runs one command line (without the interpreter and the script); returns the exit code. */
export async function runCommandLine(args: readonly string[], environment: Environment): Promise<number> {
  let exitCode = 0;
  const program = createProgram(environment, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    environment.complain(explain(error));
    return 1;
  }
}

function createProgram(environment: Environment, exit: (code: number) => void): Command {
  const program = new Command('offhook');
  program.description('Puts a browser on the telephone network: SIP over WebSocket in, plain SIP and RTP out.');
  program.version(environment.version);
  program.exitOverride();
  program.configureOutput({ writeOut: (text) => environment.print(text), writeErr: (text) => environment.complain(text.trimEnd()) });
  program
    .command('start')
    .description('run the gateway; SIGTERM ends calls and stops it, SIGHUP reads users, trunks, routes and certificate again')
    .option('-c, --config <file>', 'configuration, laid over the defaults')
    .action(async (options) => exit(await start(options, environment)));
  program
    .command('check')
    .description('look at configuration and machine, and name every problem')
    .option('-c, --config <file>', 'configuration, laid over the defaults')
    .action(async (options) => exit(await check(options, environment)));
  program
    .command('demo')
    .description('a gateway, a softphone page and a telephone network to call, all on this machine')
    .option('-p, --port <port>', 'port of the page (default: 8080, or the next free one)', readPort)
    .action(async (options) => exit(await demo(options, environment)));
  addRemoteCommands(program, environment, exit);
  addToken(program, environment, exit);
  addSdp(program, environment, exit);
  return program;
}

function addToken(program: Command, environment: Environment, exit: (code: number) => void): void {
  const group = program.command('token').description('tokens for the API; they need store.path, and a running gateway takes note');
  const config = () => new Option('-c, --config <file>', 'configuration, laid over the defaults');
  group
    .command('create')
    .description('make a token and print it, this once')
    .requiredOption('--name <name>', 'whose it is, or what for')
    .addOption(
      new Option('--role <role>', 'what it may do; each role may what the one before it may').choices(tokenRoles).makeOptionMandatory(),
    )
    .addOption(config())
    .action(async (options) => exit(await createToken(options, environment)));
  group
    .command('list')
    .description('all tokens, without their secrets')
    .addOption(config())
    .action(async (options) => exit(await listTokens(options, environment)));
  group
    .command('revoke')
    .description('end a token')
    .argument('<name>', 'as it was created')
    .addOption(config())
    .action(async (name, options) => exit(await revokeToken(name, options, environment)));
}

function addSdp(program: Command, environment: Environment, exit: (code: number) => void): void {
  const group = program.command('sdp').description('rewrite a session description as the gateway does');
  for (const to of ['trunk', 'browser'] as const) {
    group
      .command(`to-${to}`)
      .description(`what the ${to} gets for a description of the ${to === 'trunk' ? 'browser' : 'trunk'}`)
      .argument('<file>', 'the description; - for standard input')
      .option('--explain', 'say line by line what was kept, changed, removed and added, and why')
      .option('--answer-to <file>', `the description is the answer to this offer of the ${to}`)
      .addOption(new Option('--codecs <names...>', 'codecs allowed towards the trunk').choices(['PCMU', 'PCMA', 'G722', 'opus']))
      .action((file, options) => exit(sdp(to, file, options, environment)));
  }
}

function readPort(text: string): number {
  const port = parsePort(text);
  if (port === undefined) throw new InvalidArgumentError('expected a port, 0 to 65535');
  return port;
}

/** What went wrong outside gets a sentence, a defect of ours its stack. */
function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof UsageError) return error.message;
  if (error instanceof SdpError) return `the gateway refuses this description with ${error.status}: ${error.message}`;
  if (codeOf(error) !== '') return plainError(error);
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
