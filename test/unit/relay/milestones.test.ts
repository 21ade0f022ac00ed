import { expect, test } from 'vitest';
import type { LegMilestone } from '../../../src/relay/media-relay.ts';
import { Milestones } from '../../../src/relay/milestones.ts';

const remote = { host: '192.0.2.1', port: 5000 };

function listen() {
  const told: LegMilestone[] = [];
  return { told, milestones: new Milestones({ milestone: (milestone) => told.push(milestone) }) };
}

test('a milestone is told with whom it concerns and with its detail', () => {
  const { told, milestones } = listen();
  milestones.tell('dtls-connected', remote, 'SRTP_AEAD_AES_128_GCM');
  milestones.tell('path-lost', null);
  expect(told).toEqual([
    { what: 'dtls-connected', remote, detail: 'SRTP_AEAD_AES_128_GCM' },
    { what: 'path-lost', remote: null, detail: '' },
  ]);
});

test('a first is told once for each detail', () => {
  const { told, milestones } = listen();
  for (const detail of ['integrity', 'username', 'integrity', '', '']) milestones.first('ice-check-refused', remote, detail);
  milestones.first('ice-check', remote);
  expect(told.map(({ what, detail }) => `${what} ${detail}`.trim())).toEqual([
    'ice-check-refused integrity',
    'ice-check-refused username',
    'ice-check-refused',
    'ice-check',
  ]);
});

test('a second holds 20, whatever their kinds', () => {
  const { told, milestones } = listen();
  for (let at = 0; at < 30; at++) milestones.tell(at % 2 ? 'ssrc-changed' : 'ice-nominated', remote);
  expect(told).toHaveLength(20);
  expect(milestones.tell('path-lost', null)).toBe(false);
  milestones.tick();
  expect(milestones.tell('path-lost', null)).toBe(true);
});

test('a first that came in a second that was full is told later', () => {
  const { told, milestones } = listen();
  for (let at = 0; at < 30; at++) milestones.tell('ssrc-changed', remote);
  milestones.first('ice-check', remote);
  milestones.tick();
  milestones.first('ice-check', remote);
  expect(told.filter(({ what }) => what === 'ice-check')).toHaveLength(1);
});

test('a leg tells 50 of a kind, and goes on with the others', () => {
  const { told, milestones } = listen();
  for (let second = 0; second < 100; second++) {
    milestones.tell('ssrc-changed', remote);
    milestones.tick();
  }
  expect(told).toHaveLength(50);
  expect(milestones.tell('rtp-stopped', remote)).toBe(true);
});
