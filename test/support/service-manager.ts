/** What systemd is to a service: a UNIX datagram socket that hears how it stands (sd_notify(3)). Linux only. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import koffi from 'koffi';
import { until } from './until.ts';

const library = koffi.load(null);
const socket = library.func('int socket(int, int, int)');
const bind = library.func('int bind(int, const uint8_t *, uint32_t)');
const receive = library.func('intptr_t recv(int, _Out_ uint8_t *, size_t, int)');
const closeFd = library.func('int close(int)');

const afUnix = 1;
const sockDgramNonblock = 2 | 0o4000;

export class ServiceManager {
  /** For NOTIFY_SOCKET. */
  readonly path: string;
  /** What it was told, in order. */
  readonly states: string[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), 'offhook-notify-'));
  readonly #fd: number;

  constructor() {
    this.path = join(this.#folder, 'notify');
    this.#fd = socket(afUnix, sockDgramNonblock, 0);
    const address = Buffer.alloc(2 + this.path.length + 1);
    address.writeUInt16LE(afUnix);
    address.write(this.path, 2);
    if (bind(this.#fd, address, address.length) !== 0) throw new Error(`no socket at ${this.path}`);
  }

  /** Resolves when it was told so. */
  async hears(state: string): Promise<void> {
    await until(`the service to say ${state}`, () => {
      this.#read();
      return this.states.some((said) => said.split('\n').includes(state));
    });
  }

  close(): void {
    closeFd(this.#fd);
    rmSync(this.#folder, { recursive: true });
  }

  #read(): void {
    const buffer = Buffer.alloc(4096);
    for (;;) {
      const length = Number(receive(this.#fd, buffer, buffer.length, 0));
      if (length < 0) return;
      this.states.push(buffer.toString('utf8', 0, length));
    }
  }
}
