import { Failure, TILE_STREAM, tileSubject } from '@countersign/contracts';
import { Appender, StreamReader } from '@countersign/ledger';
import type { Bus } from '@countersign/bus';
import type { Log, Random } from '@countersign/runtime';
import { HASH_BYTES, tilePath, type StoredTile, type Tile } from '@countersign/tlog';
import { Doubt } from '../alarms/doubt.js';
import type { TileStore } from './tile-store.js';

const TRIES = 8; // each conflict is another replica's progress

interface Last {
  sequence: number;
  bytes: Buffer;
}

/**
 * Tiles in a stream of the platform's own, shared by all replicas: each under its own subject, which only ever gets wider.
 * Entries are not kept twice: they are the ledger.
 */
export class StreamTiles implements TileStore {
  readonly keepsEntries = false;
  private readonly reader: StreamReader;
  private readonly appender: Appender;

  constructor({ bus, random, log }: { bus: Bus; random: Random; log: Log }) {
    this.reader = new StreamReader(bus, TILE_STREAM);
    this.appender = new Appender(bus, this.reader, random, log);
  }

  read(tiles: readonly Tile[]): Promise<(Uint8Array | undefined)[]> {
    return Promise.all(
      tiles.map(async (tile) => {
        const bytes = (await this.last(tile))?.bytes;
        const wanted = tile.width * HASH_BYTES;
        return bytes === undefined || bytes.length < wanted ? undefined : bytes.subarray(0, wanted);
      }),
    );
  }

  async write(tiles: readonly StoredTile[]): Promise<void> {
    await Promise.all(tiles.map((stored) => this.put(stored)));
  }

  published(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  publish(): Promise<void> {
    return Promise.resolve();
  }

  private async put({ tile, bytes }: StoredTile): Promise<void> {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const last = await this.last(tile);
      const common = Math.min(last?.bytes.length ?? 0, bytes.length);
      if (last !== undefined && !last.bytes.subarray(0, common).equals(bytes.subarray(0, common)))
        throw new Doubt('SPLIT', 0, `${tilePath(tile)} is kept already, and is another tree's`);
      if (last !== undefined && last.bytes.length >= bytes.length) return;
      const body = { tile: Buffer.from(bytes).toString('base64') };
      const appended = await this.appender.append(subjectOf(tile), body, last?.sequence ?? 0);
      if (appended.kind === 'stored') return;
    }
    throw new Failure('UNAVAILABLE', `others kept writing ${tilePath(tile)}`);
  }

  private async last(tile: Tile): Promise<Last | undefined> {
    const message = await this.reader.last(subjectOf(tile));
    return message && { sequence: message.sequence, bytes: bytesIn(message.data) };
  }
}

const subjectOf = ({ level, index }: Tile): string => tileSubject(level, index);

/** Nothing where it is no tile: what is missing then is found. */
function bytesIn(data: Uint8Array): Buffer {
  try {
    const { tile } = JSON.parse(Buffer.from(data).toString('utf8')) as { tile?: unknown };
    return Buffer.from(typeof tile === 'string' ? tile : '', 'base64');
  } catch {
    return Buffer.alloc(0);
  }
}
