/** Running calls. */

import { z } from 'zod';
import { addressSchema, callSide, count, text, timestamp, userNameSchema } from './values.ts';

export const partiesShape = {
  callId: text,
  direction: z.enum(['outbound', 'inbound']).meta({ description: 'Seen from the browser: outbound goes to the trunk.' }),
  user: text.nullable().meta({ description: 'The browser’s user; of an inbound call the one who answered, null before.' }),
  number: text.meta({ description: 'The number on the telephone side.' }),
  trunk: text,
};

const callSchema = z
  .object({
    ...partiesShape,
    state: z.enum(['preparing', 'calling', 'early', 'answered']),
    invitedAt: timestamp,
    answeredAt: timestamp.nullable(),
    codec: text.nullable().meta({ description: 'What was agreed on last; null before.' }),
    mos: z.number().nullable().meta({ description: 'The worse leg’s estimated listening quality, 1 to 4.5 (ITU-T G.107).' }),
  })
  .meta({ id: 'Call' });
export type Call = Readonly<z.infer<typeof callSchema>>;

const streamQuality = z.object({ packets: count, bytes: count, lost: z.int(), jitterMs: z.number() }).readonly();

export const legQualitySchema = z
  .object({
    side: callSide,
    received: streamQuality,
    sent: streamQuality,
    roundTripMs: z.number().nullable(),
    mos: z.number().nullable(),
    dropped: z.record(text, count).readonly().exactOptional().meta({ description: 'Packets not relayed, by reason.' }),
  })
  .meta({ id: 'LegQuality' });
export type LegQuality = Readonly<z.infer<typeof legQualitySchema>>;

export const callDetailSchema = callSchema
  .extend({
    ringingAt: timestamp.nullable(),
    heldBy: z.array(callSide).readonly(),
    media: z.object({ profile: text, remote: addressSchema }).readonly().nullable().meta({ description: 'The browser’s media path.' }),
    quality: z.array(legQualitySchema).readonly(),
  })
  .meta({ id: 'CallDetail' });
export type CallDetail = Readonly<z.infer<typeof callDetailSchema>>;

export const callOrderSchema = z
  .strictObject({
    user: userNameSchema.meta({ description: 'Whose browser rings first.' }),
    number: z
      .string()
      .regex(/^\+?[0-9A-Za-z*#._-]{1,64}$/)
      .meta({ description: 'Dialled when the user has answered.' }),
  })
  .meta({ id: 'CallOrder' });
export type CallOrder = Readonly<z.infer<typeof callOrderSchema>>;

export const placedCallSchema = z.object({ callId: text }).meta({ id: 'PlacedCall' });
export type PlacedCall = Readonly<z.infer<typeof placedCallSchema>>;

/** Lists are objects, so that something can be said beside them one day. */
export const callListSchema = z.object({ calls: z.array(callSchema).readonly() }).meta({ id: 'CallList' });
export type CallList = Readonly<z.infer<typeof callListSchema>>;
