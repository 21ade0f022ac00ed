import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** JsSIP's licence wants to be named wherever the code goes. */
const banner = '/*! offhook/phone, MIT licence. Contains JsSIP, MIT licence, Copyright (c) 2012-2015 José Luis Millán - Versatica. */';

/** The module `offhook/phone`: one file with all that it needs, for bundlers and for script elements. */
export default defineConfig({
  define: { 'process.env.DEBUG': 'undefined' },
  build: {
    outDir: path('dist/phone'),
    emptyOutDir: true,
    target: 'es2022',
    lib: { entry: path('src/web/phone-module/offhook-phone.ts'), formats: ['es'], fileName: () => 'offhook-phone.js' },
    minify: true,
    rolldownOptions: { output: { banner } },
  },
});
