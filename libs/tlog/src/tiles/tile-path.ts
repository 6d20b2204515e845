import { MAX_TREE_SIZE } from '../tree/tree-size.js';
import { TlogError } from '../tlog-error.js';
import type { Tile } from './tile.js';
import { TILE_WIDTH } from './tile.js';

/** The entries whose hashes are in the tile of level 0 with the same index and width. */
export type Bundle = Omit<Tile, 'level'>;

export type Resource = ({ kind: 'tile' } & Tile) | ({ kind: 'entries' } & Bundle);

export const CHECKPOINT_PATH = 'checkpoint';

const MAX_LEVEL = 63;
const SHAPE = /^tile\/(0|[1-9]\d?|entries)\/((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;

/** `tile/1/x001/x234/067.p/8`, below the log's prefix (C2SP tlog-tiles). */
export const tilePath = ({ level, index, width }: Tile): string => pathOf(String(level), index, width);

/** `tile/entries/x001/x234/067.p/8`. */
export const bundlePath = ({ index, width }: Bundle): string => pathOf('entries', index, width);

/** What stands at a path; only the one way of writing it is read. Throws TlogError `tile-path`. */
export function parseTilePath(path: string): Resource {
  const match = SHAPE.exec(path);
  const [, level = '', groups = '', partial] = match ?? [];
  const index = Number(groups.replace(/[x/]/g, ''));
  const width = partial === undefined ? TILE_WIDTH : Number(partial);
  const kind = level === 'entries' ? 'entries' : 'tile';
  const inBounds = width <= TILE_WIDTH && index <= MAX_TREE_SIZE && (kind === 'entries' || Number(level) <= MAX_LEVEL);
  if (match === null || !inBounds || pathOf(level, index, width) !== path)
    throw new TlogError('tile-path', 'a path is like tile/0/x001/234 or tile/entries/000.p/17');
  return kind === 'tile' ? { kind, level: Number(level), index, width } : { kind, index, width };
}

function pathOf(level: string, index: number, width: number): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').replace(/\d{3}(?=\d)/g, 'x$&/');
  return `tile/${level}/${groups}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}
