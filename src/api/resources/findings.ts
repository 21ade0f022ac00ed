/** Why a call went as it did. */

import { z } from 'zod';
import { text, timestamp } from './values.ts';

export const findingSchema = z
  .object({
    rule: text,
    severity: z.enum(['info', 'warning', 'problem']),
    path: z.enum(['browser->gateway', 'gateway->trunk', 'trunk->gateway', 'gateway->browser']).nullable(),
    text,
    evidence: z.array(text).readonly(),
    advice: text,
    since: timestamp.nullable(),
  })
  .meta({ id: 'Finding', description: 'What is wrong with a call, in plain words.' });
export type Finding = Readonly<z.infer<typeof findingSchema>>;

export const findingListSchema = z.object({ findings: z.array(findingSchema).readonly() }).meta({ id: 'FindingList' });
export type FindingList = Readonly<z.infer<typeof findingListSchema>>;
