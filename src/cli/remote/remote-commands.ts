/** The commands that act on a running gateway. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import { hangUp, listCalls, placeCall, showCall } from '../commands/calls.ts';
import { drain } from '../commands/drain.ts';
import { explainCall } from '../commands/explain.ts';
import { listRecords } from '../commands/records.ts';
import { listTrunks, switchTrunk, testTrunk } from '../commands/trunks.ts';
import { addUser, changeUser, listUsers, removeUser } from '../commands/users.ts';
import type { Environment } from '../environment.ts';

type Exit = (code: number) => void;

/** Drains are given a day at most. */
const longestDrainSec = 86_400;

export function addRemoteCommands(program: Command, environment: Environment, exit: Exit): void {
  addCalls(program, environment);
  addUsers(program, environment);
  addTrunks(program, environment, exit);
  addRecords(program, environment);
  remote(program.command('explain'))
    .description('what is wrong with a call, in plain words')
    .argument('<call>', 'as offhook calls or offhook records shows it')
    .action((callId, options) => explainCall(callId, options, environment));
  remote(program.command('drain'))
    .description('take no more calls; those that run go on until the deadline')
    .addOption(new Option('--deadline <seconds>', 'calls that still run then are ended').argParser(readSeconds).default(300))
    .action((options) => drain(options, environment));
}

function addCalls(program: Command, environment: Environment): void {
  const group = program.command('calls').description('the calls of a running gateway');
  remote(group.command('list', { isDefault: true }))
    .description('all that run')
    .action((options) => listCalls(options, environment));
  remote(group.command('show'))
    .description('one call, with its quality')
    .argument('<call>')
    .action((callId, options) => showCall(callId, options, environment));
  remote(group.command('hang-up'))
    .description('end a call')
    .argument('<call>')
    .action((callId, options) => hangUp(callId, options, environment));
  remote(group.command('place'))
    .description('ring a user, then dial a number')
    .argument('<user>')
    .argument('<number>')
    .action((user, number, options) => placeCall(user, number, options, environment));
}

function addUsers(program: Command, environment: Environment): void {
  const group = program.command('users').description('the users of a running gateway');
  const described = (command: Command): Command =>
    remote(command)
      .argument('<name>')
      .option('--password <password>', 'also in OFFHOOK_PASSWORD')
      .option('--caller-id <number>', 'the number shown to trunks')
      .addOption(new Option('--dtmf <how>', 'how digits from a trunk reach the browser').choices(['rfc4733', 'info']));
  remote(group.command('list', { isDefault: true }))
    .description('all users')
    .action((options) => listUsers(options, environment));
  described(group.command('add'))
    .description('let somebody register')
    .action((name, options) => addUser(name, options, environment));
  described(group.command('change'))
    .description('change what is given, and leave the rest')
    .action((name, options) => changeUser(name, options, environment));
  remote(group.command('remove'))
    .description('end a user’s registrations and forget the user')
    .argument('<name>')
    .action((name, options) => removeUser(name, options, environment));
}

function addTrunks(program: Command, environment: Environment, exit: Exit): void {
  const group = program.command('trunks').description('the trunks of a running gateway');
  remote(group.command('list', { isDefault: true }))
    .description('how they stand')
    .action((options) => listTrunks(options, environment));
  for (const to of ['enable', 'disable'] as const) {
    remote(group.command(to))
      .description(to === 'enable' ? 'put a trunk into use again' : 'take a trunk out of use; running calls go on')
      .argument('<trunk>')
      .action((name, options) => switchTrunk(name, to, options, environment));
  }
  remote(group.command('test'))
    .description('send OPTIONS to a trunk and say what comes back')
    .argument('<trunk>')
    .action(async (name, options) => exit(await testTrunk(name, options, environment)));
}

function addRecords(program: Command, environment: Environment): void {
  remote(program.command('records'))
    .description('calls that have ended, the latest first')
    .option('--from <time>', 'began then or later')
    .option('--to <time>', 'began before')
    .option('--user <name>')
    .option('--number <part>', 'a part of the number')
    .option('--trunk <name>')
    .option('--cause <cause>', 'such as busy or no-answer')
    .option('--limit <count>', 'at most so many')
    .option('--cursor <cursor>', 'the next page')
    .option('--csv', 'all that match, for spreadsheets')
    .action((options) => listRecords(options, environment));
}

function remote(command: Command): Command {
  return command
    .option('--url <url>', 'where the gateway is (default: OFFHOOK_URL, or the listener of the configuration)')
    .option('--token <token>', 'a token of the API (default: OFFHOOK_TOKEN)')
    .option('-c, --config <file>', 'configuration of the gateway, to find its listener')
    .option('--json', 'what the API says, as it stands');
}

function readSeconds(text: string): number {
  const seconds = Number(text);
  if (!/^[0-9]+$/.test(text) || seconds > longestDrainSec) throw new InvalidArgumentError(`expected seconds, 0 to ${longestDrainSec}`);
  return seconds;
}
