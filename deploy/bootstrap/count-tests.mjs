// Turns Jest's results into passed and failed. A test that did not run is not passed: skipped, todo and unused count as failed.

/**
 * @typedef {{ passed: number, failed: number, notes: string[] }} Count `notes` names what Jest itself does not call failed
 */

/**
 * @param {import('@jest/test-result').AggregatedResult} results
 * @param {{ selected: 'all' | 'by name' }} options with `by name` (-t) the tests left out were left out by choice
 * @returns {Count}
 */
export function countTests(results, { selected }) {
  /** @type {Count} */
  const count = { passed: 0, failed: 0, notes: [] };
  const fail = (/** @type {string} */ note) => {
    count.failed += 1;
    count.notes.push(note);
  };
  for (const suite of results.testResults) {
    const failures = suite.testResults.filter(({ status }) => status === 'failed').length;
    count.failed += failures;
    if (failures === 0 && (suite.testExecError || suite.failureMessage)) fail(`did not run: ${suite.testFilePath}`);
    for (const { status, fullName } of suite.testResults) {
      if (status === 'passed') count.passed += 1;
      else if (status !== 'failed' && !(selected === 'by name' && status === 'pending')) fail(`${status}: ${fullName}`);
    }
    for (const key of suite.snapshot.uncheckedKeys) fail(`snapshot that no test uses: ${key} (${suite.testFilePath})`);
  }
  for (let file = 0; file < results.snapshot.filesRemoved; file++) fail('a snapshot file that no test uses');
  return count;
}
