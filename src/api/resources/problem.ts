/** What the API answers when something went wrong (RFC 9457). */

import { z } from 'zod';
import { text } from './values.ts';

export const problemSchema = z
  .object({
    type: text.meta({ description: 'about:blank: the status says it all.' }),
    title: text,
    status: z.int(),
    detail: z.string().exactOptional(),
    errors: z
      .array(z.object({ path: text, message: text }))
      .readonly()
      .exactOptional(),
  })
  .meta({ id: 'Problem', description: 'What went wrong (RFC 9457).' });
export type Problem = Readonly<z.infer<typeof problemSchema>>;
