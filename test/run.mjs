/**
 * Runs every test, says in words what was skipped and why, and ends with the line `N passed, N failed`.
 * Plain JavaScript: Node 20 does not run TypeScript. Arguments go to vitest.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {{ ancestorTitles: string[], title: string, status: string }} Test
 * @typedef {{ name: string, status: string, assertionResults: Test[] }} File
 */

const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'offhook-test-'));
const report = join(folder, 'report.json');
const args = [vitest, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
const files = readReport();
rmSync(folder, { recursive: true, force: true });

const tests = files.flatMap((file) => file.assertionResults);
const passed = tests.filter((test) => test.status === 'passed').length;
const failedTests = tests.filter((test) => test.status === 'failed').length;
const brokenFiles = files.filter((file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'));
// A file that could not be read, or an error outside of any test, is a failure as well.
const failed = failedTests + brokenFiles.length || (status === 0 ? 0 : 1);

const skipped = tests.filter((test) => !['passed', 'failed'].includes(test.status));
if (skipped.length > 0) tellSkipped(skipped);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

/** @returns {File[]} */
function readReport() {
  try {
    return JSON.parse(readFileSync(report, 'utf8')).testResults;
  } catch {
    return [];
  }
}

/** @param {Test[]} skippedTests */
function tellSkipped(skippedTests) {
  const bySuite = new Map();
  for (const test of skippedTests) {
    const suite = test.ancestorTitles[0] ?? test.title;
    bySuite.set(suite, (bySuite.get(suite) ?? 0) + 1);
  }
  console.log('\nSkipped:');
  for (const [suite, count] of bySuite) console.log(`  ${suite}: ${count}`);
  console.log('Programs that are missing come with: npm run test:setup (as root on Debian or Ubuntu)');
}
