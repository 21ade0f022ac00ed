/**
 * A process with calls, to be killed: it keeps their records in the store named by its argument, and says on standard output what it has
 * heard and when. From dist/, since the store has a thread.
 */

import { EventEmitter } from 'node:events';
import { systemClock } from '../../dist/base/clock.js';
import { silentLog } from '../../dist/base/log.js';
import { systemRandom } from '../../dist/base/random.js';
import { Persistence } from '../../dist/persistence.js';

const [, , path = ''] = process.argv;
const events = new EventEmitter();

await Persistence.open({
  config: {
    store: { path },
    records: { maxDays: 90, maxRows: 1_000_000 },
    domain: 'example.com',
    users: [],
    auth: { algorithms: ['MD5'] },
  },
  events,
  findings: () => [],
  clock: systemClock,
  random: systemRandom,
  log: silentLog,
});

const parties = (callId) => ({ callId, direction: 'outbound', user: 'alice', number: '4711', trunk: 'carrier' });
const stream = (packets) => ({ packets, bytes: packets * 160, lost: 0, jitterMs: 1 });
const quality = (packets) => [{ side: 'browser', received: stream(packets), sent: stream(packets), roundTripMs: null, mos: null }];

events.emit('call.started', parties('ringing'));
events.emit('call.ringing', parties('ringing'));
events.emit('call.started', parties('talking'));
events.emit('call.answered', parties('talking'));
let packets = 0;
setInterval(() => {
  packets += 1;
  events.emit('call.quality', { ...parties('talking'), quality: quality(packets) });
  process.stdout.write(`${packets} ${Date.now()}\n`);
}, 100);
