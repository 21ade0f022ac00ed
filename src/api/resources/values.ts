/** Values of which resources are made. Times are milliseconds since the Unix epoch; null means "not (yet)". */

import { z } from 'zod';

export const timestamp = z.number().meta({ description: 'Milliseconds since the Unix epoch.' });

export const count = z.int().min(0);
export const text = z.string();
export const callSide = z.enum(['browser', 'trunk']);
export const addressSchema = z.object({ host: text, port: z.int() }).meta({ id: 'Address' });

/** `.` and `..` are no names: as a part of a path they mean another. */
export const userNameSchema = z
  .string()
  .regex(/^(?!\.{1,2}$)[A-Za-z0-9._+~-]{1,64}$/)
  .meta({ description: '1 to 64 letters, digits or . _ + ~ -' });

export const trunkNameSchema = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/);

export const callIdSchema = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
