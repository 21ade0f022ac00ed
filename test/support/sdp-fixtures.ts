/** The directories of sdp-fixtures as values. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { exampleGateway, type RewriteOptions } from '../../src/sdp/rewrite.ts';

const root = new URL('../../sdp-fixtures/', import.meta.url);

/** Who offers, what we make of it, what comes back, what we make of that. */
export interface Exchange {
  readonly offer: string;
  readonly expectedOffer: string;
  readonly answer: string;
  readonly expectedAnswer: string;
}

export interface SdpFixture {
  readonly name: string;
  readonly gateway: Omit<RewriteOptions, 'to'>;
  readonly outbound: Exchange | null;
  readonly inbound: Exchange | null;
}

export const sdpFixtures: readonly SdpFixture[] = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => ({
    name,
    gateway: { ...exampleGateway, ...policy(name) },
    outbound: exchange(name, ['offer', 'expected-trunk-offer', 'trunk-answer', 'expected-browser-answer']),
    inbound: exchange(name, ['trunk-offer', 'expected-browser-offer', 'browser-answer', 'expected-trunk-answer']),
  }));

function policy(name: string): { codecs?: readonly string[] } {
  const file = new URL(`${name}/policy.json`, root);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}

function exchange(name: string, files: readonly [string, string, string, string]): Exchange | null {
  const texts = files.map((file) => new URL(`${name}/${file}.sdp`, root)).filter((file) => existsSync(file));
  if (texts.length === 0) return null;
  const [offer, expectedOffer, answer, expectedAnswer] = texts.map((file) => readFileSync(file, 'utf8'));
  if (offer === undefined || expectedOffer === undefined || answer === undefined || expectedAnswer === undefined) {
    throw new Error(`sdp-fixtures/${name} has some of ${files.join(', ')} but not all`);
  }
  return { offer, expectedOffer, answer, expectedAnswer };
}
