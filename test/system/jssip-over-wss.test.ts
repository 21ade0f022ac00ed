import { browserCallSuite } from '../support/browser-calls.ts';
import { describeWith } from '../support/needs.ts';

describeWith(['chromium', 'openssl'], 'JsSIP over wss', () => browserCallSuite('jssip', true));
