/** Both ends of an SRTP association over any driver, and packets for them. */

import { expect } from 'vitest';
import { SrtpContext, srtpMaxOverhead } from '../../src/srtp/context.ts';
import { evpDriver } from '../../src/srtp/evp-driver.ts';
import { nodeDriver } from '../../src/srtp/node-driver.ts';
import { type SrtpProfile, srtpProfiles } from '../../src/srtp/profile.ts';
import type { SrtpDriver } from '../../src/srtp/transform.ts';

export const drivers: readonly SrtpDriver[] = [nodeDriver, evpDriver];

const ssrc = 0xcafebabe;
/** Packets stand at an odd offset of a larger buffer, as they do in a relay. */
const offset = 5;

export const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

export function keysOf(profile: SrtpProfile): { masterKey: Uint8Array; masterSalt: Uint8Array } {
  const { keyLength, saltLength } = srtpProfiles[profile];
  return {
    masterKey: Uint8Array.from({ length: keyLength }, (_, i) => i * 7 + 1),
    masterSalt: Uint8Array.from({ length: saltLength }, (_, i) => 0xa0 + i),
  };
}

interface Ends {
  readonly sender: SrtpContext;
  readonly receiver: SrtpContext;
}

export function connect({ driver, profile }: { driver: SrtpDriver; profile: SrtpProfile }, keys = keysOf(profile)): Ends {
  const options = { profile, driver, ...keys };
  return { sender: new SrtpContext({ ...options, role: 'protect' }), receiver: new SrtpContext({ ...options, role: 'unprotect' }) };
}

export function rtpPacket(sequence: number, payload: Uint8Array = new Uint8Array(160).fill(sequence), source = ssrc): Uint8Array {
  const packet = new Uint8Array(12 + payload.length);
  const view = new DataView(packet.buffer);
  view.setUint16(0, 0x8000);
  view.setUint16(2, sequence);
  view.setUint32(4, sequence * 160);
  view.setUint32(8, source);
  packet.set(payload, 12);
  return packet;
}

export const rtcpPacket = bytesOf('80c90001cafebabe81ca0002cafebabe0101610000000000');

type Operation = 'protectRtp' | 'unprotectRtp' | 'protectRtcp' | 'unprotectRtcp';

/** The packet that comes out, or the refusal. Bytes around it must not change. */
export function run(context: SrtpContext, operation: Operation, packet: Uint8Array): Uint8Array | number {
  const buffer = new Uint8Array(offset + packet.length + srtpMaxOverhead + 3).fill(0x55);
  buffer.set(packet, offset);
  const length = context[operation](buffer, offset, packet.length);
  expect(buffer.subarray(0, offset).every((byte) => byte === 0x55)).toBe(true);
  expect(buffer.subarray(-3).every((byte) => byte === 0x55)).toBe(true);
  if (length >= 0) return buffer.slice(offset, offset + length);
  expect(hexOf(buffer.subarray(offset, offset + packet.length))).toBe(hexOf(packet));
  return length;
}

/** Protects; fails the test when it is refused. */
export function sealed(context: SrtpContext, operation: 'protectRtp' | 'protectRtcp', packet: Uint8Array): Uint8Array {
  const result = run(context, operation, packet);
  if (typeof result === 'number') throw new Error(`${operation} refused: ${result}`);
  return result;
}
