/** Registered browsers. */

import { z } from 'zod';
import { addressSchema, text, timestamp } from './values.ts';

const registrationSchema = z
  .object({
    user: text,
    contact: text,
    instanceId: text.nullable(),
    remote: addressSchema,
    userAgent: text.nullable(),
    connected: z.boolean().meta({ description: 'False: the connection is gone, the browser may come back.' }),
    expiresAt: timestamp,
  })
  .meta({ id: 'Registration' });
export type Registration = Readonly<z.infer<typeof registrationSchema>>;

export const registrationListSchema = z.object({ registrations: z.array(registrationSchema).readonly() }).meta({ id: 'RegistrationList' });
export type RegistrationList = Readonly<z.infer<typeof registrationListSchema>>;
