/** Serves a test page with a stock SIP library, bundled when first asked for. */

import { createServer, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build, type Rollup } from 'vite';

export type Library = 'jssip' | 'sipjs';

const html = '<!doctype html><meta charset="utf-8"><title>test phone</title><script src="/phone.js"></script>';

export class PageServer {
  /** As browsers send it in Origin. */
  readonly origin: string;
  readonly #server: Server;

  private constructor(server: Server) {
    const address = server.address();
    this.origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    this.#server = server;
  }

  static async open(library: Library): Promise<PageServer> {
    let script: Promise<string> | undefined;
    const server = createServer(async ({ url }, response) => {
      if (url === '/phone.js') {
        script ??= bundle(library);
        response.writeHead(200, { 'content-type': 'text/javascript' }).end(await script);
      } else response.writeHead(200, { 'content-type': 'text/html' }).end(html);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new PageServer(server);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }
}

async function bundle(library: Library): Promise<string> {
  const entry = fileURLToPath(new URL(`./page/${library}-phone.ts`, import.meta.url));
  const result = await build({
    configFile: false,
    logLevel: 'warn',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: { write: false, minify: false, lib: { entry, formats: ['iife'], name: 'phonePage' } },
  });
  const [{ output }] = [result].flat() as [Rollup.RollupOutput];
  return output[0].code;
}
