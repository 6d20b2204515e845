// A Jest reporter that hands the count to `npm test`, through a file: its line must be the last, after all that Jest prints.
// The file is named by COUNTERSIGN_COUNT_FILE (Jest's command line gives reporters no options).
import { writeFileSync } from 'node:fs';
import { countTests } from './count-tests.mjs';

/** @implements {Pick<import('@jest/reporters').Reporter, 'onRunComplete'>} */
export default class CountReporter {
  /** @param {import('@jest/types').Config.GlobalConfig} configuration */
  constructor(configuration) {
    this.selected = configuration.testNamePattern ? /** @type {const} */ ('by name') : /** @type {const} */ ('all');
  }

  /** @param {unknown} _contexts @param {import('@jest/test-result').AggregatedResult} results */
  onRunComplete(_contexts, results) {
    const countFile = process.env.COUNTERSIGN_COUNT_FILE;
    if (!countFile) throw new Error('COUNTERSIGN_COUNT_FILE must name the file for the count; npm test sets it');
    writeFileSync(countFile, JSON.stringify(countTests(results, { selected: this.selected })));
  }
}
