export { HASH_BYTES, MAX_LEAF_BYTES, emptyRoot, leafHash, nodeHash, sameHash } from './hash.js';
export type { Hash } from './hash.js';
