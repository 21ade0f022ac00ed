/** Answers challenges to our requests with the credentials of one leg, and for that leg's peer alone (RFC 3261 22.2, RFC 8760). */

import { ownCopy } from '../base/own-copy.ts';
import type { Random } from '../base/random.ts';
import type { Credentials } from './authentication.ts';
import { answerChallenge, chooseChallenge, type DigestChallenge, printCredentials } from './message/digest.ts';
import type { Flow } from './message/flow.ts';
import type { SipRequest, SipResponse } from './message/message.ts';
import { printAnyUri } from './message/uri.ts';

export class OutgoingAuth {
  readonly #credentials: Credentials;
  readonly #random: Random;
  #peers: readonly string[] = [];
  /** Of the credentials, else of the first challenge that was answered. */
  #realm: string | null;
  #nonce = '';
  #uses = 0;

  constructor(credentials: Credentials, random: Random) {
    this.#credentials = credentials;
    this.#random = random;
    this.#realm = credentials.realm ?? null;
  }

  /** Names a host that the credentials are for. Challenges from elsewhere, such as a Contact that the peer made up, get no answer. */
  trust(host: string): void {
    if (!this.#peers.includes(host)) this.#peers = this.#peers.concat(host);
  }

  /** The header that answers the challenge of a 401 or 407, or undefined. */
  answer(response: SipResponse, request: SipRequest, flow: Flow): readonly [name: string, value: string] | undefined {
    if (!this.#peers.includes(flow.remote.host)) return undefined;
    const challenge = this.#choose(response);
    if (!challenge) return undefined;
    this.#realm = ownCopy(challenge.realm);
    this.#uses = challenge.nonce === this.#nonce ? this.#uses + 1 : 1;
    this.#nonce = ownCopy(challenge.nonce);
    const { username, password } = this.#credentials;
    const cnonce = this.#random.token(16);
    const answer = answerChallenge(challenge, { username, password }, request.method, printAnyUri(request.uri), cnonce, this.#uses);
    return [response.status === 401 ? 'Authorization' : 'Proxy-Authorization', printCredentials(answer)];
  }

  #choose(response: SipResponse): DigestChallenge | undefined {
    const name = response.status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate';
    for (const value of response.headers.getAll(name)) {
      const challenge = chooseChallenge([value]);
      if (challenge && (this.#realm === null || challenge.realm === this.#realm)) return challenge;
    }
    return undefined;
  }
}

/** Whether the server says that the credentials were right and only the nonce too old. */
export function isStale(response: SipResponse): boolean {
  const values = [...response.headers.getAll('WWW-Authenticate'), ...response.headers.getAll('Proxy-Authenticate')];
  return chooseChallenge(values)?.stale ?? false;
}
