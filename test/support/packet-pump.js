/**
 * A thread that is both peers of a call, so that their garbage is none of the relay's: a browser's SRTP and a trunk's RTP, with few
 * packets on their way at a time so that none gets lost. Told how many to relay, it answers how many were.
 */

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { writeRtpHeader } from '../../dist/rtp/header.js';
import { SrtpContext } from '../../dist/srtp/context.js';

const onTheirWay = 32;
const givenUpMs = 2000;
const headerBytes = 12;
const plainBytes = headerBytes + 160;

class Peer {
  received = 0;
  #socket = createSocket('udp4');
  #to;
  #seal;
  #sent = 0;

  constructor(to, seal) {
    this.#to = to;
    this.#seal = seal;
    this.#socket.on('message', () => this.received++);
  }

  async bind(port) {
    this.#socket.bind(port, '127.0.0.1');
    await once(this.#socket, 'listening');
    return this.#socket.address().port;
  }

  send() {
    const packet = new Uint8Array(plainBytes + 64).fill(0x55);
    const timestamp = (this.#sent * 160) % 2 ** 32;
    writeRtpHeader(packet, 0, { marker: false, payloadType: 0, sequence: this.#sent & 0xffff, timestamp, ssrc: 0xfeedface });
    this.#sent++;
    const length = this.#seal ? this.#seal.protectRtp(packet, 0, plainBytes) : plainBytes;
    this.#socket.send(packet, 0, length, this.#to.port, this.#to.host);
  }
}

const { browserPort, browserTo, trunkTo, keys } = workerData;
const browser = new Peer(browserTo, new SrtpContext({ ...keys, role: 'protect' }));
const trunk = new Peer(trunkTo, null);

async function relay(packets) {
  const received = () => browser.received + trunk.received;
  const before = received();
  for (let sent = 0; sent < packets; sent += onTheirWay) {
    for (let turn = 0; turn < onTheirWay; turn += 2) {
      browser.send();
      trunk.send();
    }
    const expected = before + sent + onTheirWay;
    for (const giveUpAt = Date.now() + givenUpMs; received() < expected && Date.now() < giveUpAt; ) await nextTurn();
  }
  return received() - before;
}

parentPort.on('message', async (packets) => parentPort.postMessage(await relay(packets)));
await browser.bind(browserPort);
parentPort.postMessage(await trunk.bind(0));
