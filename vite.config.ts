import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** The pages: src/web/<page>/index.html becomes dist/web/<page>/index.html, served at /<page>. */
export default defineConfig({
  root: path('src/web'),
  // JsSIP's logger asks for it.
  define: { 'process.env.DEBUG': 'undefined' },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: path('dist/web'),
    emptyOutDir: true,
    // The gateway's content security policy lets nothing stand inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: { phone: path('src/web/phone/index.html'), dashboard: path('src/web/dashboard/index.html') } },
  },
});
