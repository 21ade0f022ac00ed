/** Deliveries of events. */

import { z } from 'zod';
import { count, text } from './values.ts';

export const webhookSchema = z
  .object({
    id: text,
    url: text,
    filter: text.meta({ description: 'Empty: every event.' }),
    source: z.enum(['configuration', 'api']),
    queued: count,
    delivered: count,
    deadLetters: count.meta({ description: 'Given up after the last retry, or thrown away because the queue was full.' }),
    lastError: text.nullable(),
  })
  .meta({ id: 'Webhook' });
export type Webhook = Readonly<z.infer<typeof webhookSchema>>;

export const newWebhookSchema = z
  .strictObject({
    url: z.string().max(2048).meta({ description: 'http or https.' }),
    secret: z.string().min(16).max(256).meta({ description: 'Key of the HMAC, never returned.' }),
    filter: z.string().max(1000).default(''),
  })
  .meta({ id: 'NewWebhook' });
export type NewWebhook = Readonly<z.infer<typeof newWebhookSchema>>;

export const webhookListSchema = z.object({ webhooks: z.array(webhookSchema).readonly() }).meta({ id: 'WebhookList' });
export type WebhookList = Readonly<z.infer<typeof webhookListSchema>>;
