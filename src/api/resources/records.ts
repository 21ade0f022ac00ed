/** Finished calls. */

import { z } from 'zod';
import { callEndCauses } from '../../events/call-end.ts';
import { legQualitySchema, partiesShape } from './calls.ts';
import { findingSchema } from './findings.ts';
import { text, timestamp } from './values.ts';

const causeSchema = z.enum(callEndCauses);

const callEndSchema = z
  .object({
    cause: causeSchema,
    side: z.enum(['browser', 'trunk', 'gateway']),
    sipStatus: z.int().exactOptional(),
    q850: z.int().exactOptional(),
    detail: z.string().exactOptional(),
  })
  .meta({ id: 'CallEnd' });
export type CallEnd = Readonly<z.infer<typeof callEndSchema>>;

export const recordSchema = z
  .object({
    ...partiesShape,
    invitedAt: timestamp,
    ringingAt: timestamp.nullable(),
    earlyMediaAt: timestamp.nullable(),
    answeredAt: timestamp.nullable(),
    endedAt: timestamp,
    end: callEndSchema.readonly(),
    codec: text.nullable(),
    codecs: z.object({ browser: text.nullable(), trunk: text.nullable() }).readonly(),
    transferredFrom: text.nullable(),
    quality: z.array(legQualitySchema).readonly(),
    findings: z.array(findingSchema).readonly().exactOptional(),
  })
  .meta({ id: 'Record', description: 'A finished call.' });

export type CallRecord = Readonly<z.infer<typeof recordSchema>>;

export const recordPageSchema = z
  .object({ records: z.array(recordSchema).readonly(), next: text.nullable().meta({ description: 'The cursor of the next page.' }) })
  .meta({ id: 'RecordPage' });
export type RecordPage = Readonly<z.infer<typeof recordPageSchema>>;

const queryTime = z.coerce.number().int().min(0).meta({ description: 'Milliseconds since the Unix epoch.' });

const recordFilterShape = {
  from: queryTime.exactOptional(),
  to: queryTime.exactOptional(),
  user: z.string().max(64).exactOptional(),
  number: z.string().max(64).exactOptional(),
  trunk: z.string().max(64).exactOptional(),
  cause: causeSchema.exactOptional(),
  answered: z
    .enum(['true', 'false'])
    .transform((value) => value === 'true')
    .exactOptional(),
};

export const recordFilterSchema = z.strictObject(recordFilterShape);

export const recordQuerySchema = z.strictObject({
  ...recordFilterShape,
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().max(256).exactOptional(),
});
export type RecordQuery = Readonly<z.infer<typeof recordQuerySchema>>;
