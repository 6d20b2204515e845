export { checkInclusion, proveInclusion } from './inclusion.js';
export { checkConsistency, proveConsistency } from './consistency.js';
