#!/usr/bin/env node
/** Where the program begins. V8 is told first: it would make room for more while it loads the rest. */

import { tellV8 } from './v8-settings.ts';

tellV8();
await import('./process.ts');
