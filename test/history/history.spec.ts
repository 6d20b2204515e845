// What others got wrong, each tried here (docs/others-failures.md), on one platform: see shared-world.ts.
import './used-twice.suite.js';
import './guesses.suite.js';
import './locks.suite.js';
