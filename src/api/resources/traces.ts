/** What is kept of a call, in the order in which it happened. */

import { z } from 'zod';
import { legQualitySchema, partiesShape } from './calls.ts';
import { recordSchema } from './records.ts';
import { addressSchema, callSide, text, timestamp } from './values.ts';

const milestoneSchema = z.object({
  side: callSide,
  at: timestamp,
  what: text,
  remote: addressSchema.readonly().nullable(),
  detail: text,
});

const traceEntrySchema = z
  .discriminatedUnion('kind', [
    z.object({
      at: timestamp,
      kind: z.literal('sip'),
      side: callSide,
      direction: z.enum(['received', 'sent']),
      transport: text,
      local: addressSchema.readonly(),
      remote: addressSchema.readonly(),
      firstLine: text,
      text: text.meta({ description: 'The whole message, credentials hidden.' }),
    }),
    z.object({ at: timestamp, kind: z.literal('milestone'), milestone: milestoneSchema.readonly() }),
    z.object({
      at: timestamp,
      kind: z.literal('media'),
      side: callSide,
      codec: text.nullable(),
      direction: text,
      ptimeMs: z.number().nullable(),
    }),
    z.object({
      at: timestamp,
      kind: z.literal('call'),
      what: z.enum(['started', 'ringing', 'answered', 'held', 'resumed', 'dtmf', 'ended']),
      detail: text,
    }),
  ])
  .meta({ id: 'TraceEntry' });
export type TraceEntry = Readonly<z.infer<typeof traceEntrySchema>>;

export const traceSchema = z
  .object({
    callId: text,
    parties: z.object(partiesShape).readonly(),
    entries: z.array(traceEntrySchema).readonly(),
    truncated: z.boolean(),
    record: recordSchema.partial({ codecs: true, transferredFrom: true }).readonly().nullable(),
    quality: z.array(z.object({ at: timestamp, legs: z.array(legQualitySchema).readonly() }).readonly()).readonly(),
  })
  .meta({ id: 'Trace' });
export type Trace = Readonly<z.infer<typeof traceSchema>>;
