/** Browsers that do not get through to the media port, each for another reason. */

import { createSocket, type Socket } from 'node:dgram';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { OpensslPeer } from '../support/dtls-openssl-peer.ts';
import { ExplainStage } from '../support/explained-calls.ts';
import type { MediaBrowser } from '../support/media-browser.ts';
import { pause } from '../support/until.ts';

let stage: ExplainStage;

/** Lets another program do the handshake of a browser. */
class DtlsRelay {
  readonly port: number;
  readonly #socket: Socket;
  readonly #browser: MediaBrowser;

  private constructor(socket: Socket, browser: MediaBrowser) {
    this.#socket = socket;
    this.#browser = browser;
    this.port = socket.address().port;
    socket.on('message', (datagram, { port }) => {
      browser.handshaker = (answer) => socket.send(answer, port, '127.0.0.1');
      browser.sendBytes(datagram);
    });
  }

  static async open(browser: MediaBrowser): Promise<DtlsRelay> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    return new DtlsRelay(socket, browser);
  }

  close(): void {
    this.#browser.fallSilent();
    this.#socket.close();
  }
}

beforeAll(async () => {
  stage = await ExplainStage.open();
});

afterAll(() => stage.close());

describe.concurrent('the media of a browser', () => {
  test('sends no check', async () => {
    const call = await stage.answered();
    const finding = await call.explained('ice-no-check');
    expect(finding.severity).toBe('problem');
    expect(finding.evidence.join()).toMatch(/127\.0\.0\.1:\d+/);
    expect(call.found).toEqual(['ice-no-check']);
  });

  test('checks with a wrong password', async () => {
    const call = await stage.answered({ media: { gatewayPwd: 'not the password of this call' } });
    for (let count = 0; count < 3; count += 1) await call.media.browser.check({ withinMs: 100 }).catch(() => {});
    const finding = await call.explained('ice-check-refused');
    expect(finding.text).toContain('password');
    expect(call.found).toEqual(['ice-check-refused']);
  });

  test('names no path', async () => {
    const call = await stage.answered();
    await call.media.browser.check({ nominate: false });
    await call.explained('ice-not-nominated');
  });

  test('never says hello', async () => {
    const call = await stage.answered();
    await call.media.browser.check();
    await call.explained('dtls-no-client-hello');
    expect(call.found).toEqual(['dtls-no-client-hello']);
  });

  test('shows a certificate that it did not announce', async () => {
    const call = await stage.answered({ media: { impostor: true } });
    await call.media.browser.check();
    call.media.browser.startHandshake();
    await call.explained('dtls-fingerprint-mismatch');
    expect(call.found).toEqual(['dtls-fingerprint-mismatch']);
  });

  test('knows only a weak cipher', async () => {
    const call = await stage.answered();
    const { browser } = call.media;
    await browser.check();
    const link = await DtlsRelay.open(browser);
    const peer = OpensslPeer.client(link.port, browser.certificate, ['-use_srtp', 'SRTP_AES128_CM_SHA1_32']);
    onTestFinished(() => {
      peer.close();
      link.close();
    });
    await call.explained('dtls-no-common-profile');
    expect(call.found).toEqual(['dtls-no-common-profile']);
  });

  test('speaks no proper DTLS', async () => {
    const call = await stage.answered();
    await call.media.browser.check();
    // A ServerHello where a ClientHello is due.
    call.media.browser.sendBytes(Buffer.from('16fefd00000000000000000010020000040000000000000004fefd0000', 'hex'));
    await call.explained('dtls-handshake-failed');
  });

  test('stops within the handshake', async () => {
    const call = await stage.answered();
    await call.media.browser.check();
    call.media.browser.startHandshake();
    call.media.browser.fallSilent();
    await call.explained('dtls-timeout');
  });

  test('changes its keys without saying so', async () => {
    const call = await stage.talking();
    await pause(500);
    call.media.browser.loseKeys();
    const finding = await call.explained('srtp-authentication-failing');
    expect([finding.path, finding.severity]).toEqual(['browser->gateway', 'problem']);
    expect(finding.since).toBeGreaterThan(0);
  });
});
