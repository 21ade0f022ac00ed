/** What happens, as it is told. */

import { z } from 'zod';
import { text, timestamp } from './values.ts';

export const eventSchema = z
  .object({
    id: text,
    at: timestamp,
    event: text.meta({ description: 'Its name: call.ended.' }),
    data: z.record(text, z.unknown()).readonly().meta({ description: 'Its payload: docs/events.md.' }),
  })
  .meta({ id: 'Event' });
export type Event = Readonly<z.infer<typeof eventSchema>>;
