/** The portable DTLS driver: werift makes the flights and keys, everything that can be attacked stands around it. */

import { ByteReader, readU16 } from '../base/bytes.ts';
import { Alarm, systemClock } from '../base/clock.ts';
import { errorText, invariant } from '../base/errors.ts';
import { contentType, isPlausible, recordEnd, recordHeaderLength } from './datagrams.ts';
import {
  type DtlsDriver,
  type DtlsEndpoint,
  type DtlsEvents,
  type DtlsFailure,
  type DtlsOptions,
  splitKeyingMaterial,
  srtpProfiles,
} from './endpoint.ts';
import { alertCode, Examination, Refusal } from './examination.ts';
import { type HandshakeMessage, handshakeType, readFragment } from './handshake-messages.ts';
import { Outbox } from './outbox.ts';
import { Reassembly } from './reassembly.ts';
import { WeriftStack } from './werift-stack.ts';

export const weriftDriver: DtlsDriver = {
  name: 'werift',
  pending: 0,
  create: (options, events) => new WeriftEndpoint(options, events),
};

/** RFC 6347 4.2.4.1, as short as OpenSSL's are set: a lost flight is audible silence. */
const firstTimeoutMs = 100;
const longestTimeoutMs = 3000;
const mostAttempts = 12;

/** Sealed records that overtook the messages which bring their keys. */
const mostUnopened = 4;

const warning = 1;
const fatal = 2;

type State = 'handshaking' | 'connected' | 'finished' | 'closed';

class WeriftEndpoint implements DtlsEndpoint {
  readonly #options: DtlsOptions;
  readonly #events: DtlsEvents;
  readonly #stack: WeriftStack;
  readonly #examination: Examination;
  readonly #outbox: Outbox;
  readonly #inbox = new Reassembly();
  /** werift answers in a later turn than it was asked, so that nobody would read a deadline in time. */
  readonly #alarm = new Alarm(systemClock, () => this.#retransmit());
  readonly deadline = Number.POSITIVE_INFINITY;
  #state: State = 'handshaking';
  #started = false;
  #timeoutMs = firstTimeoutMs;
  #attempts = 0;
  #unopened: Uint8Array[] = [];
  #goodbye: Uint8Array | undefined;

  constructor(options: DtlsOptions, events: DtlsEvents) {
    this.#options = options;
    this.#events = events;
    this.#stack = new WeriftStack(options, {
      wrote: (records) => this.#begin(records),
      connected: () => this.#connect(),
      failed: (error) => this.#refuse(new Refusal(alertCode.handshakeFailure, errorText(error))),
    });
    this.#outbox = new Outbox(options.mtu, (type, sequence, content) => this.#stack.seal(type, sequence, content));
    this.#examination = new Examination(options.role, this.#stack.offer, this.#stack);
  }

  start(): void {
    if (this.#options.role === 'server' || this.#started || this.#state !== 'handshaking') return;
    this.#started = true;
    this.#stack.start();
  }

  receive(datagram: Uint8Array): void {
    if (!isPlausible(datagram)) return;
    for (let at = 0, end = 0; at < datagram.length; at = end) {
      end = recordEnd(datagram, at);
      this.#take(datagram.subarray(at, end));
    }
  }

  /** There is nothing to do: see `deadline`. */
  expire(): void {}

  close(): void {
    const goodbye = this.#state === 'connected' ? this.#goodbye : undefined;
    this.#end('closed');
    if (goodbye) this.#events.send(goodbye);
  }

  #take(record: Uint8Array): void {
    if (this.#state !== 'handshaking' && this.#state !== 'connected') return;
    const sealed = readU16(record, 3) > 0;
    if (sealed && !this.#stack.hasKeys) {
      if (this.#unopened.length < mostUnopened) this.#unopened.push(Uint8Array.from(record));
      return;
    }
    // RFC 6347 4.1: once connected, plaintext is of the past or forged.
    if (!sealed && this.#state === 'connected') return;
    const content = sealed ? this.#stack.open(record) : record.subarray(recordHeaderLength);
    if (!content) return;
    if (record[0] === contentType.handshake) this.#takeFragments(content, sealed);
    else if (record[0] === contentType.alert) this.#takeAlert(content);
  }

  #takeFragments(content: Uint8Array, sealed: boolean): void {
    let repeated = false;
    try {
      const reader = new ByteReader(content);
      while (reader.remaining > 0) {
        const fragment = readFragment(reader);
        // Finished is sealed, and nothing else is.
        if (sealed !== (fragment.type === handshakeType.finished)) continue;
        if (this.#inbox.add(fragment) === 'repeated') repeated = true;
      }
    } catch {
      return;
    }
    if (repeated) this.#send(this.#outbox.datagrams());
    for (let message = this.#inbox.take(); message; message = this.#inbox.take()) this.#accept(message);
  }

  #accept(message: HandshakeMessage): void {
    if (this.#state !== 'handshaking') return;
    try {
      this.#examination.examine(message);
    } catch (error) {
      this.#refuse(error instanceof Refusal ? error : new Refusal(alertCode.decodeError, errorText(error)));
      return;
    }
    if (message.type === handshakeType.clientHello && !this.#examination.extendedMasterSecret) this.#stack.withoutExtendedMasterSecret();
    this.#stack.accept(message);
    this.#openLate();
  }

  /** The keys may be there now. */
  #openLate(): void {
    if (!this.#stack.hasKeys) return;
    const late = this.#unopened;
    this.#unopened = [];
    for (const record of late) this.#take(record);
  }

  #takeAlert(content: Uint8Array): void {
    const [level, code] = content;
    if (this.#state !== 'handshaking' || (level !== fatal && code !== alertCode.closeNotify)) return;
    this.#fail('dtls-handshake-failed', `the peer sent alert ${code}`);
  }

  /** A new flight: sent, and sent again until the peer's next one comes. A server's cookie and last flight wait to be asked for. */
  #begin(records: Uint8Array): void {
    this.#outbox.load(records);
    this.#attempts = 0;
    this.#timeoutMs = firstTimeoutMs;
    if (this.#options.role === 'client' || this.#stack.saidHello) this.#arm();
    this.#send(this.#outbox.datagrams());
  }

  #retransmit(): void {
    if (this.#state !== 'handshaking') return;
    if (++this.#attempts > mostAttempts) {
      this.#fail('dtls-timeout', 'handshake timed out');
      return;
    }
    this.#timeoutMs = Math.min(this.#timeoutMs * 2, longestTimeoutMs);
    this.#arm();
    this.#send(this.#outbox.datagrams());
  }

  #arm(): void {
    this.#alarm.arm(systemClock.now() + this.#timeoutMs);
  }

  #connect(): void {
    const { role, profiles } = this.#options;
    const profile = profiles.find((candidate) => srtpProfiles[candidate].id === this.#stack.srtpProfile);
    invariant(profile, 'an SRTP profile was examined and is not agreed');
    const { keyLength, saltLength } = srtpProfiles[profile];
    const keys = splitKeyingMaterial(this.#stack.exportSrtpKeys(2 * (keyLength + saltLength)), profile, role);
    const goodbye = this.#alert(warning, alertCode.closeNotify);
    this.#goodbye = goodbye;
    this.#state = 'connected';
    this.#alarm.close();
    this.#events.connected({ profile, ...keys, remoteCertificate: this.#examination.certificate, goodbye });
  }

  #refuse(refusal: Refusal): void {
    if (this.#state !== 'handshaking') return;
    this.#send([this.#alert(fatal, refusal.alert)]);
    this.#fail(refusal.failure, refusal.message);
  }

  #fail(reason: DtlsFailure, detail: string): void {
    if (this.#state === 'closed') return;
    this.#end('finished');
    this.#events.failed(reason, detail);
  }

  #end(state: 'finished' | 'closed'): void {
    this.#state = state;
    this.#alarm.close();
    this.#unopened = [];
    this.#stack.close();
  }

  #alert(level: number, code: number): Uint8Array {
    return this.#outbox.record(contentType.alert, this.#stack.seals ? 1 : 0, Uint8Array.of(level, code));
  }

  #send(datagrams: readonly Uint8Array[]): void {
    for (const datagram of datagrams) if (this.#state !== 'closed') this.#events.send(datagram);
  }
}
