/**
 * Paths as small integers. Whoever sends us anything gets one, so the table must stand a flood from spoofed addresses: paths that
 * nobody retains live in a ring of bounded size, the longest unseen is forgotten first.
 */

import type { SocketAddress } from '../../base/address.ts';
import { invariant } from '../../base/errors.ts';
import type { PathId, SocketId } from './driver.ts';

const none = -1;
const nowhere: SocketAddress = { host: '', port: 0 };

export class PathTable {
  readonly #maxTransient: number;
  /** By socket and address. */
  readonly #ids = new Map<string, PathId>();
  readonly #remotes: SocketAddress[] = [];
  readonly #sockets: SocketId[] = [];
  readonly #holders: number[] = [];
  readonly #free: PathId[] = [];
  /** The transient paths as a doubly linked list, the longest unseen at its head. */
  readonly #next: PathId[] = [];
  readonly #previous: PathId[] = [];
  #head: PathId = none;
  #tail: PathId = none;
  #transient = 0;

  constructor(maxTransient = 1024) {
    this.#maxTransient = maxTransient;
  }

  /** Paths known now: those retained, and at most `maxTransient` others. */
  get size(): number {
    return this.#remotes.length - this.#free.length;
  }

  intern(socket: SocketId, host: string, port: number): PathId {
    const key = keyOf(socket, host, port);
    const known = this.#ids.get(key);
    if (known !== undefined) {
      this.#touch(known);
      return known;
    }
    if (this.#transient >= this.#maxTransient) this.#forget(this.#head);
    const path = this.#free.pop() ?? this.#remotes.length;
    this.#remotes[path] = { host, port };
    this.#sockets[path] = socket;
    this.#holders[path] = 0;
    this.#ids.set(key, path);
    this.#append(path);
    return path;
  }

  /** Whether `path` is the one from `socket` to this address: a look-up without hashing. */
  matches(path: PathId, socket: SocketId, host: string, port: number): boolean {
    const remote = this.#remotes[path];
    return remote !== undefined && remote.port === port && this.#sockets[path] === socket && remote.host === host;
  }

  remote(path: PathId): SocketAddress {
    return this.#remotes[path] ?? nowhere;
  }

  socket(path: PathId): SocketId {
    return this.#sockets[path] ?? none;
  }

  retain(path: PathId): void {
    const holders = this.#holders[path] ?? 0;
    if (holders === 0) this.#unlink(path);
    this.#holders[path] = holders + 1;
  }

  release(path: PathId): void {
    const holders = this.#holders[path] ?? 0;
    invariant(holders > 0, 'a path was released that nobody retains');
    this.#holders[path] = holders - 1;
    if (holders > 1) return;
    this.#append(path);
    if (this.#transient > this.#maxTransient) this.#forget(this.#head);
  }

  /** Forgets every path of a socket that closes, so that the next socket of that number begins with none. */
  forgetSocket(socket: SocketId): void {
    for (let path = this.#sockets.indexOf(socket); path >= 0; path = this.#sockets.indexOf(socket, path + 1)) {
      if (this.#holders[path] === 0) this.#unlink(path);
      this.#recycle(path);
    }
  }

  #forget(path: PathId): void {
    this.#unlink(path);
    this.#recycle(path);
  }

  #recycle(path: PathId): void {
    const { host, port } = this.remote(path);
    this.#ids.delete(keyOf(this.socket(path), host, port));
    this.#remotes[path] = nowhere;
    this.#sockets[path] = none;
    this.#holders[path] = 0;
    this.#free.push(path);
  }

  #touch(path: PathId): void {
    if (this.#holders[path] !== 0 || path === this.#tail) return;
    this.#unlink(path);
    this.#append(path);
  }

  #append(path: PathId): void {
    this.#previous[path] = this.#tail;
    this.#next[path] = none;
    if (this.#tail === none) this.#head = path;
    else this.#next[this.#tail] = path;
    this.#tail = path;
    this.#transient++;
  }

  #unlink(path: PathId): void {
    const previous = this.#previous[path] as PathId;
    const next = this.#next[path] as PathId;
    if (previous === none) this.#head = next;
    else this.#next[previous] = next;
    if (next === none) this.#tail = previous;
    else this.#previous[next] = previous;
    this.#transient--;
  }
}

function keyOf(socket: SocketId, host: string, port: number): string {
  return `${socket} ${host}:${port}`;
}
