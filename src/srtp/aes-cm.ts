/** AES_CM_128_HMAC_SHA1_80 (RFC 3711 4.1.1, 4.2.1) on node:crypto. */

import { writeU32 } from '../base/bytes.ts';
import { nodeHmacSha1 } from '../base/hmac.ts';
import { CounterMode } from './counter-mode.ts';
import type { PacketKeys, SessionKeys } from './key-derivation.ts';
import { rtcpClearLength, rtcpEncryptedFlag, type SrtpTransform } from './transform.ts';

const tagLength = 10;

/** The cipher and the authentication of one packet kind. */
class Protection {
  readonly #stream: CounterMode;
  readonly #authKey: Uint8Array;

  constructor(keys: PacketKeys) {
    this.#stream = new CounterMode(keys.key, keys.salt);
    this.#authKey = keys.authKey;
  }

  get stream(): CounterMode {
    return this.#stream;
  }

  tag(bytes: Uint8Array, from: number, to: number): Uint8Array {
    return nodeHmacSha1(this.#authKey, bytes.subarray(from, to));
  }
}

export class AesCmTransform implements SrtpTransform {
  readonly #rtp: Protection;
  readonly #rtcp: Protection;
  readonly #received = new Uint8Array(tagLength);

  constructor(keys: SessionKeys) {
    this.#rtp = new Protection(keys.rtp);
    this.#rtcp = new Protection(keys.rtcp);
  }

  sealRtp(buffer: Uint8Array, offset: number, headerLength: number, length: number, ssrc: number, index: number): void {
    const end = offset + length;
    this.#rtp.stream.apply(buffer, offset + headerLength, end, ssrc, index);
    // The tag covers the roll-over counter too, which is not sent (RFC 3711 4.2): it stands where the tag will.
    writeU32(buffer, end, Math.floor(index / 0x10000));
    copyTag(this.#rtp.tag(buffer, offset, end + 4), buffer, end);
  }

  openRtp(buffer: Uint8Array, offset: number, headerLength: number, length: number, ssrc: number, index: number): boolean {
    const end = offset + length;
    const received = this.#received;
    for (let i = 0; i < tagLength; i++) received[i] = buffer[end + i] as number;
    writeU32(buffer, end, Math.floor(index / 0x10000));
    const authentic = sameTag(this.#rtp.tag(buffer, offset, end + 4), received, 0);
    if (authentic) this.#rtp.stream.apply(buffer, offset + headerLength, end, ssrc, index);
    else copyTag(received, buffer, end);
    return authentic;
  }

  sealRtcp(buffer: Uint8Array, offset: number, length: number, ssrc: number, index: number): void {
    const end = offset + length;
    this.#rtcp.stream.apply(buffer, offset + rtcpClearLength, end, ssrc, index);
    writeU32(buffer, end, rtcpEncryptedFlag + index);
    copyTag(this.#rtcp.tag(buffer, offset, end + 4), buffer, end + 4);
  }

  openRtcp(buffer: Uint8Array, offset: number, length: number, ssrc: number, index: number): boolean {
    const end = offset + length;
    if (!sameTag(this.#rtcp.tag(buffer, offset, end + 4), buffer, end + 4)) return false;
    this.#rtcp.stream.apply(buffer, offset + rtcpClearLength, end, ssrc, index);
    return true;
  }

  prefetch(): number {
    return 0;
  }

  close(): void {}
}

function copyTag(tag: Uint8Array, buffer: Uint8Array, at: number): void {
  for (let i = 0; i < tagLength; i++) buffer[at + i] = tag[i] as number;
}

/** In constant time. */
function sameTag(computed: Uint8Array, buffer: Uint8Array, at: number): boolean {
  let difference = 0;
  for (let i = 0; i < tagLength; i++) difference |= (computed[i] as number) ^ (buffer[at + i] as number);
  return difference === 0;
}
