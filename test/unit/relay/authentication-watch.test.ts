import { expect, test } from 'vitest';
import { AuthenticationWatch } from '../../../src/relay/authentication-watch.ts';

function listen() {
  const told: string[] = [];
  let passed = 0;
  const watch = new AuthenticationWatch({ failing: () => told.push('failing'), recovered: () => told.push('recovered') });
  const fail = (packets: number): void => {
    for (let at = 0; at < packets; at++) watch.failed(passed);
  };
  const pass = (packets: number): void => {
    passed += packets;
  };
  return { told, fail, pass, tick: () => watch.tick(passed) };
}

test('ten failures in a row are told once', () => {
  const { told, fail } = listen();
  fail(9);
  expect(told).toEqual([]);
  fail(30);
  expect(told).toEqual(['failing']);
});

test('a forged packet now and then is not told', () => {
  const { told, fail, pass, tick } = listen();
  for (let second = 0; second < 60; second++) {
    for (let at = 0; at < 10; at++) {
      pass(5);
      fail(4);
    }
    tick();
  }
  expect(told).toEqual([]);
});

test('more failures than good packets in a second are told', () => {
  const { told, fail, pass, tick } = listen();
  for (let at = 0; at < 10; at++) {
    pass(2);
    fail(3);
  }
  tick();
  expect(told).toEqual(['failing']);
});

test('two failures on a quiet stream are not told', () => {
  const { told, fail, tick } = listen();
  fail(2);
  tick();
  expect(told).toEqual([]);
});

test('it has recovered after a second of mostly good packets, and not by falling silent', () => {
  const { told, fail, pass, tick } = listen();
  fail(10);
  tick();
  tick();
  pass(3);
  fail(5);
  tick();
  expect(told).toEqual(['failing']);
  pass(50);
  fail(1);
  tick();
  expect(told).toEqual(['failing', 'recovered']);
  fail(10);
  expect(told.at(-1)).toBe('failing');
});

test('good packets of the second in which it began are no recovery', () => {
  const { told, fail, pass, tick } = listen();
  pass(40);
  fail(10);
  tick();
  fail(50);
  tick();
  expect(told).toEqual(['failing']);
});
