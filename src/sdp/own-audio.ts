/** What is kept of a peer's description for the life of a call. */

import type { SocketAddress } from '../base/address.ts';
import { ownCopy } from '../base/own-copy.ts';
import { shared } from './codecs.ts';
import type { Codec, RemoteAudio } from './description.ts';

/** An equal value that does not keep the text of the description alive. */
export function ownAudio({ codecs, rtp, rtcp, ice, fingerprints, direction, ptimeMs, maxPtimeMs, setup }: RemoteAudio): RemoteAudio {
  return {
    codecs: codecs.map(ownCodec),
    direction,
    ptimeMs,
    maxPtimeMs,
    rtp: rtp && ownAddress(rtp),
    rtcp: rtcp && ownAddress(rtcp),
    ice: ice && { ufrag: ownCopy(ice.ufrag), pwd: ownCopy(ice.pwd) },
    fingerprints: fingerprints.map(({ algorithm, value }) => ({ algorithm, value: ownCopy(value) })),
    setup,
  };
}

function ownCodec({ payloadType, encoding, clockRate, channels, fmtp }: Codec): Codec {
  return shared({ payloadType, encoding: ownCopy(encoding), clockRate, channels, fmtp: fmtp && ownCopy(fmtp) });
}

function ownAddress({ host, port }: SocketAddress): SocketAddress {
  return { host: ownCopy(host), port };
}
