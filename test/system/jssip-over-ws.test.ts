import { browserCallSuite } from '../support/browser-calls.ts';
import { describeWith } from '../support/needs.ts';

describeWith(['chromium'], 'JsSIP over ws', () => browserCallSuite('jssip', false));
