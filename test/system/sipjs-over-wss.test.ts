import { browserCallSuite } from '../support/browser-calls.ts';
import { describeWith } from '../support/needs.ts';

describeWith(['chromium', 'openssl'], 'SIP.js over wss', () => browserCallSuite('sipjs', true));
