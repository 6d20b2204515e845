/**
 * Why something was refused:
 * size: not a number of leaves, or an index outside them; leaf: longer than an entry bundle can hold; hash: not 32 bytes;
 * proof-length: more or fewer hashes than this proof has; root: the proof leads to another root;
 * rollback: the tree is smaller than the one already known; split-view: two roots of one size;
 * not-an-extension: the larger tree does not begin with the smaller one;
 * tile-path: not a path of tlog-tiles; tile: a tile of a wrong length; tile-content: a tile that is not of this tree;
 * bundle: not so many entries, each after its length; note: not a signed note, see `line`; key: not a verifier key;
 * signature: not made by the key that it names; unsigned: no key that is known signed;
 * checkpoint: not the text of a checkpoint, see `line`; origin: another log's checkpoint; time: not a cosignature's seconds since 1970.
 */
export type TlogErrorKind =
  | 'size'
  | 'leaf'
  | 'hash'
  | 'proof-length'
  | 'root'
  | 'rollback'
  | 'split-view'
  | 'not-an-extension'
  | 'tile-path'
  | 'tile'
  | 'tile-content'
  | 'bundle'
  | 'note'
  | 'key'
  | 'signature'
  | 'unsigned'
  | 'checkpoint'
  | 'origin'
  | 'time';

/** The one error of this library. */
export class TlogError extends Error {
  override readonly name = 'TlogError';

  constructor(
    readonly kind: TlogErrorKind,
    detail: string,
    /** of a note or checkpoint, from 1 */
    readonly line?: number,
  ) {
    super(line === undefined ? detail : `line ${line}: ${detail}`);
  }
}
