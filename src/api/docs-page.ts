/** The description of the API as a page: no script, nothing loaded from elsewhere. */

import { html, raw } from 'hono/html';
import { methods } from './allowed-methods.ts';
import type { ApiDescription } from './api.ts';

type Html = ReturnType<typeof html>;
type PathItem = NonNullable<ApiDescription['paths']>[string];
type Operation = NonNullable<PathItem['get']>;

export const docsStyle = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; }
code, pre { font: 14px/1.45 ui-monospace, monospace; }
pre { overflow-x: auto; padding: .75rem; border: 1px solid color-mix(in srgb, currentColor 20%, transparent); border-radius: 6px; }
summary { cursor: pointer; padding: .35rem 0; }
summary b { display: inline-block; min-width: 4.5rem; font-family: ui-monospace, monospace; }
table { border-collapse: collapse; }
td, th { text-align: left; padding: .2rem 1rem .2rem 0; vertical-align: top; }
.role { opacity: .7; font-size: 14px; }
nav a { margin-right: 1rem; }
`;

export function renderDocs(description: ApiDescription): Html {
  const nouns = new Map<string, Html[]>();
  for (const [path, item] of Object.entries(description.paths ?? {})) {
    for (const method of methods) {
      const operation = item[method];
      const noun = operation?.tags?.[0] ?? 'Other';
      if (operation) nouns.set(noun, [...(nouns.get(noun) ?? []), renderOperation(method, path, operation)]);
    }
  }
  const schemas = Object.entries(description.components?.schemas ?? {});
  const { title, version } = description.info;
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title} API</title><link rel="stylesheet" href="docs.css"></head>
<body>
<h1>${title} ${version}: the API</h1>
<p>${description.info.description ?? ''}</p>
<p>All paths stand below <code>/api/v1</code>. For programs: <a href="openapi.json">openapi.json</a>.</p>
<pre>curl -H "Authorization: Bearer $OFFHOOK_TOKEN" http://localhost:8080/api/v1/calls</pre>
<nav>${[...nouns.keys()].map((noun) => html`<a href="#${noun}">${noun}</a>`)}<a href="#schemas">Resources</a></nav>
${[...nouns].map(([noun, operations]) => html`<h2 id="${noun}">${noun}</h2>${operations}`)}
<h2 id="schemas">Resources</h2>
${schemas.map(([name, schema]) => html`<details id="schema-${name}"><summary><code>${name}</code></summary>${renderJson(schema)}</details>`)}
</body>
</html>`;
}

function renderOperation(method: string, path: string, operation: Operation): Html {
  const { summary = '', description = '', parameters = [], requestBody, responses = {} } = operation;
  const role = 'x-role' in operation ? String(operation['x-role']) : '';
  return html`<details><summary><b>${method.toUpperCase()}</b> <code>${path}</code> ${summary} <span class="role">${role}</span></summary>
${description === '' ? '' : html`<p>${description}</p>`}
${parameters.length === 0 ? '' : html`<h4>Parameters</h4><table>${parameters.map(renderParameter)}</table>`}
${requestBody && 'content' in requestBody ? html`<h4>Body</h4>${renderContent(requestBody.content)}` : ''}
<h4>Answers</h4><table>${Object.entries(responses).map(([status, response]) => renderResponse(status, response))}</table>
</details>`;
}

function renderParameter(parameter: NonNullable<Operation['parameters']>[number]): Html {
  if (!('name' in parameter)) return html``;
  const { name, in: place, required, schema = {} } = parameter;
  return html`<tr><td><code>${name}</code></td><td>${place}${required ? '' : ', optional'}</td><td><code>${JSON.stringify(schema)}</code></td></tr>`;
}

function renderResponse(status: string, response: { description?: string; content?: Record<string, { schema?: object }> }): Html {
  const content = status.startsWith('2') && response.content ? renderContent(response.content) : '';
  return html`<tr><td>${status}</td><td>${response.description ?? ''}${content}</td></tr>`;
}

function renderContent(content: Record<string, { schema?: object }>): Html {
  return html`${Object.entries(content).map(([type, { schema }]) => html`<p><code>${type}</code></p>${schema ? renderJson(schema) : ''}`)}`;
}

/** References become links. What `html` escapes once must not be escaped twice. */
function renderJson(value: object): Html {
  const escaped = JSON.stringify(value, null, 2).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const linked = escaped.replaceAll(/"#\/components\/schemas\/([A-Za-z]+)"/g, '"<a href="#schema-$1">$1</a>"');
  return html`<pre>${raw(linked)}</pre>`;
}
