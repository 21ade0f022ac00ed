/**
 * What a relay thread and its DTLS thread say to each other. Bytes travel as strings: those of a small buffer would lie outside of V8's
 * heap, which is why they would be there for long after their use.
 */

import { keepOctets, type Octets, readOctets } from '../base/octets.ts';
import type { Certificate } from '../dtls/certificate.ts';
import type { DtlsChoice } from '../dtls/driver.ts';
import type { DtlsConnection, DtlsDriver, DtlsFailure, DtlsRole, SrtpProfile } from '../dtls/endpoint.ts';

/** What a DTLS thread is made from. */
export interface DtlsSetup {
  readonly choice: DtlsChoice;
  /** Of all endpoints. */
  readonly certificate: Certificate;
}

/** Numbers an endpoint of one relay thread. */
export type EndpointId = number;

/** The methods of an endpoint. */
export type ToDtlsThread =
  | {
      readonly type: 'create';
      readonly endpoint: EndpointId;
      readonly role: DtlsRole;
      readonly profiles: readonly SrtpProfile[];
      readonly mtu: number;
    }
  /** These two are answered by `stepped`, after all that they made the endpoint say at once. */
  | { readonly type: 'start'; readonly endpoint: EndpointId }
  | { readonly type: 'datagram'; readonly endpoint: EndpointId; readonly datagram: Octets }
  | { readonly type: 'close'; readonly endpoint: EndpointId };

/** Its events. */
export type FromDtlsThread =
  | { readonly type: 'started'; readonly driver: DtlsDriver['name']; readonly reason: string }
  /** The thread cannot serve. */
  | { readonly type: 'start-failed'; readonly detail: string }
  | EndpointWord;

export type EndpointWord =
  | { readonly type: 'stepped'; readonly endpoint: EndpointId }
  | { readonly type: 'send'; readonly endpoint: EndpointId; readonly datagram: Octets }
  | { readonly type: 'connected'; readonly endpoint: EndpointId; readonly connection: KeptConnection }
  | { readonly type: 'failed'; readonly endpoint: EndpointId; readonly reason: DtlsFailure; readonly detail: string };

type KeptConnection = { readonly [Key in keyof DtlsConnection]: DtlsConnection[Key] extends Uint8Array ? Octets : DtlsConnection[Key] };

export function keepConnection(connection: DtlsConnection): KeptConnection {
  const { profile, localKey, localSalt, remoteKey, remoteSalt, remoteCertificate, goodbye } = connection;
  return {
    profile,
    localKey: keepOctets(localKey),
    localSalt: keepOctets(localSalt),
    remoteKey: keepOctets(remoteKey),
    remoteSalt: keepOctets(remoteSalt),
    remoteCertificate: keepOctets(remoteCertificate),
    goodbye: keepOctets(goodbye),
  };
}

export function readConnection(kept: KeptConnection): DtlsConnection {
  const { profile, localKey, localSalt, remoteKey, remoteSalt, remoteCertificate, goodbye } = kept;
  return {
    profile,
    localKey: readOctets(localKey),
    localSalt: readOctets(localSalt),
    remoteKey: readOctets(remoteKey),
    remoteSalt: readOctets(remoteSalt),
    remoteCertificate: readOctets(remoteCertificate),
    goodbye: readOctets(goodbye),
  };
}
