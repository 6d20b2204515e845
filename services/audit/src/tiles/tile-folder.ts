import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  CHECKPOINT_PATH,
  HASH_BYTES,
  TILE_WIDTH,
  bundlePath,
  tilePath,
  type Bundle,
  type StoredTile,
  type Tile,
} from '@countersign/tlog';
import { Doubt } from '../alarms/doubt.js';
import type { StoredBundle, TileStore } from './tile-store.js';

/** Tiles as files, to be served by any web server: the layout of C2SP tlog-tiles. One replica's own. */
export class TileFolder implements TileStore {
  readonly keepsEntries = true;

  constructor(private readonly folder: string) {}

  read(tiles: readonly Tile[]): Promise<(Uint8Array | undefined)[]> {
    return Promise.all(tiles.map((tile) => this.find(tile)));
  }

  async write(tiles: readonly StoredTile[], bundles: readonly StoredBundle[]): Promise<void> {
    await Promise.all([
      ...tiles.map(({ tile, bytes }) => this.keep(tilePath(tile), tile.width, bytes)),
      ...bundles.map(({ bundle, bytes }) => this.keep(bundlePath(bundle), bundle.width, bytes)),
    ]);
  }

  async published(): Promise<string | undefined> {
    return (await this.bytesAt(CHECKPOINT_PATH))?.toString('utf8');
  }

  publish(checkpoint: string): Promise<void> {
    return this.put(CHECKPOINT_PATH, Buffer.from(checkpoint, 'utf8'));
  }

  /** A tile that is there never changes. What a full one begins with is needed no more. */
  private async keep(path: string, width: number, bytes: Uint8Array): Promise<void> {
    const there = await this.bytesAt(path);
    if (there === undefined) await this.put(path, bytes);
    else if (!there.equals(bytes)) throw new Doubt('SPLIT', 0, `${path} is kept already, and is another tree's`);
    if (width === TILE_WIDTH) await rm(join(this.folder, `${path}.p`), { recursive: true, force: true });
  }

  private async find(tile: Tile): Promise<Uint8Array | undefined> {
    const exact = await this.bytesAt(tilePath(tile));
    if (exact !== undefined || tile.width === TILE_WIDTH) return exact;
    const whole = tilePath({ ...tile, width: TILE_WIDTH });
    const wider = (await this.bytesAt(whole)) ?? (await this.widest(tile, whole));
    return wider?.subarray(0, tile.width * HASH_BYTES);
  }

  private async widest({ width }: Bundle, whole: string): Promise<Buffer | undefined> {
    const names = await readdir(join(this.folder, `${whole}.p`)).catch(() => []);
    const widest = Math.max(0, ...names.map(Number).filter(Number.isInteger));
    return widest > width ? this.bytesAt(`${whole}.p/${widest}`) : undefined;
  }

  private async bytesAt(path: string): Promise<Buffer | undefined> {
    try {
      return await readFile(join(this.folder, path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Whole or not at all, and on the disk before it is relied on. */
  private async put(path: string, bytes: Uint8Array): Promise<void> {
    const file = join(this.folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(`${file}.new`, bytes, { flush: true });
    await rename(`${file}.new`, file);
  }
}
