/** The directories of sdp-fixtures as values. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { exampleGateway, type RewriteOptions } from '../../src/sdp/rewrite.ts';

const root = new URL('../../sdp-fixtures/', import.meta.url);

/** Who offers, what we make of it, what comes back, what we make of that. */
interface Exchange {
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

const descriptions = new URL('../fixtures/sdp/', import.meta.url);

/** A description that a browser or a client library really made. */
export function captured(name: string): string {
  return readFileSync(new URL(`captured/${name}.sdp`, descriptions), 'utf8');
}

/** Every description at hand by its name: captured, collected, and out of the RFCs. */
export function allDescriptions(): Array<{ name: string; sdp: string }> {
  const files = ['captured/', 'collected/'].flatMap((folder) => {
    const names = readdirSync(new URL(folder, descriptions)).filter((name) => name.endsWith('.sdp'));
    return names.map((name) => ({ name: folder + name, sdp: readFileSync(new URL(folder + name, descriptions), 'utf8') }));
  });
  const examples: Array<{ rfc: number; section: string; sdp: string }> = JSON.parse(
    readFileSync(new URL('rfc-examples.json', descriptions), 'utf8'),
  );
  return [...files, ...examples.map(({ rfc, section, sdp }, index) => ({ name: `RFC ${rfc}, ${section} (${index})`, sdp }))];
}
