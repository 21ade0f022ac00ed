/** Datagrams to the socket of a service manager (sd_notify(3)): Node has no datagram sockets of the UNIX family. */

import { bind } from './openssl-library.ts';
import { check } from './system-error.ts';

// <sys/socket.h> and <sys/un.h> of Linux.
const afUnix = 1;
const sockDgramCloexec = 2 | 0o2000000;
const msgNoSignal = 0x4000;
/** Of sockaddr_un.sun_path. */
const longestPath = 108;

const socket = bind<(family: number, type: number, protocol: number) => number>('int socket(int, int, int)');
const sendto = bind<(fd: number, bytes: Uint8Array, length: number, flags: number, to: Uint8Array, toLength: number) => number>(
  'intptr_t sendto(int, const uint8_t *, size_t, int, const uint8_t *, uint32_t)',
);
const closeFd = bind<(fd: number) => number>('int close(int)');

/** `path` is a file, or a name of the abstract name space with `@` before it. Throws an Error with a system `code`. */
export function sendToUnixSocket(path: string, text: string): void {
  const to = unixAddress(path);
  const bytes = Buffer.from(text);
  const fd = check(socket(afUnix, sockDgramCloexec, 0), 'socket');
  try {
    check(sendto(fd, bytes, bytes.length, msgNoSignal, to, to.length), 'sendto');
  } finally {
    closeFd(fd);
  }
}

function unixAddress(path: string): Uint8Array {
  const name = Buffer.from(path.startsWith('@') ? `\0${path.slice(1)}` : path);
  if (name.length > longestPath) throw new RangeError(`the path of a socket has at most ${longestPath} bytes: ${path}`);
  const address = Buffer.alloc(2 + name.length);
  new Uint16Array(address.buffer, address.byteOffset, 1)[0] = afUnix; // sun_family has the byte order of the machine
  name.copy(address, 2);
  return address;
}
