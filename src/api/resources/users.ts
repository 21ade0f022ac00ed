/** Who may register. */

import { z } from 'zod';
import { count, text, userNameSchema } from './values.ts';

const dtmfSchema = z.enum(['rfc4733', 'info']).meta({ description: 'How a digit from the trunk reaches the browser.' });

const callerIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9+*#._-]{1,64}$/)
  .nullable()
  .meta({ description: 'The number shown to trunks; null: the name.' });

const passwordSchema = z.string().min(8).max(256).meta({ description: 'Kept as digest HA1 only, never returned.' });

export const userSchema = z
  .object({
    name: text,
    callerId: text.nullable(),
    dtmf: dtmfSchema,
    source: z.enum(['configuration', 'api']).meta({ description: 'Users of the configuration are changed there.' }),
    contacts: count.meta({ description: 'Registered browsers.' }),
    calls: count,
  })
  .meta({ id: 'User' });
export type User = Readonly<z.infer<typeof userSchema>>;

export const newUserSchema = z
  .strictObject({
    name: userNameSchema,
    password: passwordSchema,
    callerId: callerIdSchema.default(null),
    dtmf: dtmfSchema.default('rfc4733'),
  })
  .meta({ id: 'NewUser' });
export type NewUser = Readonly<z.infer<typeof newUserSchema>>;

export const userChangeSchema = z
  .strictObject({ password: passwordSchema.exactOptional(), callerId: callerIdSchema.exactOptional(), dtmf: dtmfSchema.exactOptional() })
  .meta({ id: 'UserChange', description: 'What is left out stays as it is.' });
export type UserChange = Readonly<z.infer<typeof userChangeSchema>>;

export const userListSchema = z.object({ users: z.array(userSchema).readonly() }).meta({ id: 'UserList' });
export type UserList = Readonly<z.infer<typeof userListSchema>>;
