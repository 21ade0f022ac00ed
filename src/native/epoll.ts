/** Which descriptors have something to read: epoll of Linux, level-triggered. */

import { descriptorClosing, descriptorOpened } from './descriptors.ts';
import { sharedRegion } from './memory.ts';
import { bind, type Pointer } from './openssl-library.ts';
import { check } from './system-error.ts';

const epollCloexec = 0o2000000;
const epollAdd = 1;
const epollIn = 1;
/** <sys/epoll.h>: the struct is packed on x86-64 and nowhere else. */
const eventBytes = process.arch === 'x64' ? 12 : 16;
const tagAt = process.arch === 'x64' ? 4 : 8;

/** Descriptors that one wait names at most; the others come with the next. */
const maxReady = 256;

const epollCreate = bind<(flags: number) => number>('int epoll_create1(int)');
const epollControl = bind<(epoll: number, operation: number, fd: number, event: Pointer) => number>(
  'int epoll_ctl(int, int, int, intptr_t)',
);
const epollWait = bind<(epoll: number, events: Pointer, max: number, timeoutMs: number) => number>(
  'int epoll_wait(int, intptr_t, int, int)',
);
const closeFd = bind<(fd: number) => number>('int close(int)');

export class Readiness {
  readonly #region = sharedRegion();
  readonly #epoll = descriptorOpened(check(epollCreate(epollCloexec), 'epoll_create1'));
  readonly #events = this.#region.allocate(maxReady * eventBytes);

  /** `tag`, a whole number from 0, comes back from `ready`. Closing the descriptor removes it. Throws an Error with a system `code`. */
  add(fd: number, tag: number): void {
    const event = this.#events;
    this.#region.bytes.fill(0, event, event + eventBytes);
    this.#region.words[event >> 2] = epollIn;
    this.#region.words[(event + tagAt) >> 2] = tag;
    check(epollControl(this.#epoll, epollAdd, fd, this.#region.base + event), 'epoll_ctl');
  }

  /** Waits up to `timeoutMs` (whole, 0 for not at all) for the first; how many are ready. A signal counts as a wait that ended early. */
  wait(timeoutMs: number): number {
    const count = epollWait(this.#epoll, this.#region.base + this.#events, maxReady, timeoutMs);
    return Math.max(count, 0);
  }

  ready(index: number): number {
    return this.#region.words[(this.#events + index * eventBytes + tagAt) >> 2] as number;
  }

  close(): void {
    closeFd(descriptorClosing(this.#epoll));
  }
}
