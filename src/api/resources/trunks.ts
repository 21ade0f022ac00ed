/** The ways to the telephone network. */

import { z } from 'zod';
import { addressSchema, count, text, timestamp } from './values.ts';

export const trunkSchema = z
  .object({
    name: text,
    target: text,
    enabled: z.boolean().meta({ description: 'False: an operator has taken it out of use.' }),
    available: z.boolean().meta({ description: 'False: it does not answer OPTIONS.' }),
    pinged: z.boolean().meta({ description: 'Whether it is asked regularly.' }),
    registration: z.enum(['registered', 'unregistered']).nullable().meta({ description: 'null: it wants no registration.' }),
    addresses: z.array(addressSchema).readonly().meta({ description: 'What the target resolved to last.' }),
    codecs: z.array(text).readonly(),
    calls: count,
    changedAt: timestamp.nullable(),
    detail: text.meta({ description: 'What was learned last about it, in plain words.' }),
  })
  .meta({ id: 'Trunk' });
export type Trunk = Readonly<z.infer<typeof trunkSchema>>;

export const trunkTestSchema = z
  .object({
    trunk: text,
    answered: z.boolean(),
    status: z.int().nullable().meta({ description: 'The SIP status of the answer to OPTIONS.' }),
    roundTripMs: z.number().nullable(),
    detail: text,
  })
  .meta({ id: 'TrunkTest' });
export type TrunkTest = Readonly<z.infer<typeof trunkTestSchema>>;

export const trunkListSchema = z.object({ trunks: z.array(trunkSchema).readonly() }).meta({ id: 'TrunkList' });
export type TrunkList = Readonly<z.infer<typeof trunkListSchema>>;
