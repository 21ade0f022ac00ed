/** Webhooks, as the API shows, adds and removes them. */

import type { WebhookControl } from '../api/gateway-control.ts';
import { ApiProblem, notFound } from '../api/problem.ts';
import type { Webhook as WebhookResource } from '../api/resources/webhooks.ts';
import { FilterError } from '../events/event-filter.ts';
import type { Webhook } from '../webhooks/webhook.ts';
import type { Webhooks } from '../webhooks/webhooks.ts';

const mostWebhooks = 50;

export function webhookControl(webhooks: Webhooks): WebhookControl {
  return {
    all: () => webhooks.all().map(shown),
    async add(webhook) {
      if (!isWebAddress(webhook.url)) throw new ApiProblem(400, 'url: expected an http or https address without a password');
      if (webhooks.all().length >= mostWebhooks) throw new ApiProblem(409, `there are ${mostWebhooks} webhooks already`);
      try {
        return shown(webhooks.add(webhook));
      } catch (error) {
        if (error instanceof FilterError) throw new ApiProblem(400, `filter: ${error.message}`);
        throw error;
      }
    },
    async remove(id) {
      const webhook = webhooks.get(id);
      if (!webhook) throw notFound('such webhook');
      if (webhook.target.source === 'configuration') throw new ApiProblem(409, 'this webhook is removed in the configuration');
      webhooks.remove(id);
    },
  };
}

function isWebAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return ['http:', 'https:'].includes(protocol) && username === '' && password === '';
}

function shown({ target, queued, delivered, deadLetters, lastError }: Webhook): WebhookResource {
  const { id, url, filter, source } = target;
  return { id, url, filter, source, queued, delivered, deadLetters, lastError };
}
