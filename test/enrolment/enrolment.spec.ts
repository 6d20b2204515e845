// What every method keeps, and attacks on those that need two ends to talk, on one platform: see shared-world.ts.
import './activation.suite.js';
import './attacks.suite.js';
import './conformance.suite.js';
import './pairing.suite.js';
import './recovery.suite.js';
import './sheets.suite.js';
import './out-of-time.suite.js'; // the last: it moves the clocks
