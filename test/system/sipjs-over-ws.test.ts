import { browserCallSuite } from '../support/browser-calls.ts';
import { describeWith } from '../support/needs.ts';

describeWith(['chromium'], 'SIP.js over ws', () => browserCallSuite('sipjs', false));
