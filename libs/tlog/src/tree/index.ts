export * from './growing-tree.js';
export type { HashReader, Node } from './node.js';
export { MAX_TREE_SIZE } from './tree-size.js';
export type { TreeHead } from './tree-size.js';
