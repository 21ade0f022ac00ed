import { expect, test } from 'vitest';
import { type CallInput, type CallState, callTable } from '../../../src/call/machine.ts';

const states: readonly CallState[] = ['preparing', 'calling', 'early', 'answered', 'ended'];
const inputs: readonly CallInput[] = ['prepared', 'progress', 'answered', 'refused', 'stop'];

/** Every state with every input; `-` changes nothing. */
const expected = `
            prepared      progress        answered          refused       stop
preparing   calling/dial  -               -                 -             ended/finish
calling     -             early/progress  answered/connect  ended/finish  ended/finish
early       -             early/progress  answered/connect  ended/finish  ended/finish
answered    -             -               -                 -             ended/finish
ended       -             -               -                 -             -
`;

test('the table', () => {
  const rows = states.map((state) => [state, ...inputs.map((input) => callTable[state][input]?.join('/') ?? '-')]);
  const words = expected
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/\s+/));
  expect([[...inputs], ...rows]).toEqual(words);
});

test('every state can be stopped, and an ended call is never taken up again', () => {
  for (const state of states.slice(0, -1)) expect(callTable[state].stop).toEqual(['ended', 'finish']);
  expect(callTable.ended).toEqual({});
});
