/** This process, and who asks it. */

import { z } from 'zod';
import { count, text, timestamp } from './values.ts';

export const nodeSchema = z
  .object({
    version: text,
    state: z.enum(['starting', 'ready', 'draining']),
    startedAt: timestamp,
    uptimeSec: z.number(),
    runtime: text.meta({ description: 'Node version and platform.' }),
    calls: count,
    registrations: count,
    memory: z.object({ rssBytes: count, heapUsedBytes: count }).readonly(),
    cpu: z.number().meta({ description: 'Cores in use since the last look, all threads together.' }),
    threads: z
      .array(
        z
          .object({
            thread: z.int(),
            sessions: count,
            load: z.number().nullable().meta({ description: '0 idle to 1 busy; null where it is not measured.' }),
            alive: z.boolean(),
          })
          .readonly(),
      )
      .readonly(),
    ports: z.object({ inUse: count, total: count }).readonly().meta({ description: 'Pairs for RTP and RTCP towards trunks.' }),
    drivers: z.record(text, text).readonly().meta({ description: 'udp, dtls, srtp: what is in use.' }),
  })
  .meta({ id: 'Node' });
export type Node = Readonly<z.infer<typeof nodeSchema>>;

const roleSchema = z.enum(['read', 'operate', 'admin']);
export type Role = z.infer<typeof roleSchema>;

export const sessionSchema = z
  .object({
    role: roleSchema,
    name: text.nullable().meta({ description: 'The token’s name; null for this machine without a token.' }),
  })
  .meta({ id: 'Session' });
export type Session = Readonly<z.infer<typeof sessionSchema>>;

export const drainOrderSchema = z
  .strictObject({
    deadlineSec: z.int().min(0).max(86_400).default(300).meta({ description: 'Calls that still run then are ended.' }),
  })
  .meta({ id: 'DrainOrder' });

export const drainingSchema = z
  .object({ state: z.literal('draining'), calls: count.meta({ description: 'Still running.' }) })
  .meta({ id: 'Draining' });
export type Draining = Readonly<z.infer<typeof drainingSchema>>;
