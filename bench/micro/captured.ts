/** What real browsers sent: the material of the benchmarks that need no network. */

import { readFileSync } from 'node:fs';
import { inPackage } from '../package-root.ts';

/** The INVITE with credentials that JsSIP sent from Chromium: 2 kB. */
export function capturedInvite(): Buffer {
  const capture = readFileSync(inPackage('test', 'fixtures', 'captured-sip', 'chromium-jssip-outbound.txt'), 'latin1');
  const frames = capture.replaceAll('\r', '').split(/^<<<<<< .*\n/m);
  const invite = frames.find((frame) => frame.startsWith('INVITE ') && frame.includes('\nProxy-Authorization:'));
  if (!invite) throw new Error('the capture holds no INVITE with credentials');
  // A line end of the capture follows the message.
  return Buffer.from(invite.slice(0, -1).replaceAll('\n', '\r\n'), 'latin1');
}

/** A description of `sdp-fixtures/<endpoint>/`. */
export function sdpFixture(endpoint: string, name: string): string {
  return readFileSync(inPackage('sdp-fixtures', endpoint, `${name}.sdp`), 'utf8');
}
