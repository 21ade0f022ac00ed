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

type ConnectionOf<Bytes> = { readonly [Key in keyof DtlsConnection]: Key extends 'profile' ? SrtpProfile : Bytes };

type KeptConnection = ConnectionOf<Octets>;

export function keepConnection(connection: DtlsConnection): KeptConnection {
  return converted(connection, keepOctets);
}

export function readConnection(kept: KeptConnection): DtlsConnection {
  return converted(kept, readOctets);
}

function converted<From, To>(connection: ConnectionOf<From>, convert: (bytes: From) => To): ConnectionOf<To> {
  const { profile, localKey, localSalt, remoteKey, remoteSalt, remoteCertificate, goodbye } = connection;
  return {
    profile,
    localKey: convert(localKey),
    localSalt: convert(localSalt),
    remoteKey: convert(remoteKey),
    remoteSalt: convert(remoteSalt),
    remoteCertificate: convert(remoteCertificate),
    goodbye: convert(goodbye),
  };
}
