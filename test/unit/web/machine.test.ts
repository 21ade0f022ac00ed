import { describe, expect, test } from 'vitest';
import { type CallInput, callTable, connectionTable, next } from '../../../src/web/phone-module/machine.ts';

/** States on the way of these inputs, from idle on. */
function callThrough(...inputs: CallInput[]): string[] {
  let state: keyof typeof callTable = 'idle';
  return inputs.map((input) => {
    state = next(callTable, state, input);
    return state;
  });
}

describe('call', () => {
  test('out, with a ringing phone', () => {
    expect(callThrough('dial', 'ring', 'connected', 'end')).toEqual(['dialling', 'ringing', 'talking', 'idle']);
  });

  test('out, with early media after ringing, and ringing again does not take it away', () => {
    expect(callThrough('dial', 'ring', 'early-media', 'ring', 'connected')).toEqual(['dialling', 'ringing', 'early', 'early', 'talking']);
  });

  test('out, answered at once', () => {
    expect(callThrough('dial', 'connected')).toEqual(['dialling', 'talking']);
  });

  test('in', () => {
    expect(callThrough('invited', 'answer', 'connected', 'end')).toEqual(['incoming', 'answering', 'talking', 'idle']);
  });

  test('a second call changes nothing', () => {
    expect(callThrough('dial', 'invited', 'dial', 'connected', 'invited', 'dial')).toEqual([
      'dialling',
      'dialling',
      'dialling',
      'talking',
      'talking',
      'talking',
    ]);
  });

  test('every state but idle can end', () => {
    const endless = Object.entries(callTable).filter(([state, inputs]) => state !== 'idle' && inputs.end !== 'idle');
    expect(endless).toEqual([]);
  });
});

describe('connection', () => {
  test('comes back by itself when it was lost, not when it was denied', () => {
    expect(next(connectionTable, 'ready', 'lost')).toBe('offline');
    expect(next(connectionTable, 'offline', 'registered')).toBe('ready');
    expect(next(connectionTable, 'denied', 'registered')).toBe('denied');
    expect(next(connectionTable, 'denied', 'sign-in')).toBe('connecting');
  });

  test('a lost socket does not hide that the account was denied', () => {
    expect(next(connectionTable, 'denied', 'lost')).toBe('denied');
  });

  test('nothing happens to whoever is signed out', () => {
    for (const input of ['registered', 'lost', 'denied'] as const) expect(next(connectionTable, 'signed-out', input)).toBe('signed-out');
  });
});
