import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import type { Cosigner, Hash, HashReader, NoteSigner, StoredTile, Tile, VerifierKey } from '../src/index.js';
import { GrowingTiles, SIGNATURE_TYPES, leafHash, tilePath, verifierKey } from '../src/index.js';
import { MTH } from './rfc6962.js';

/** A leaf for each number, of a length of its own. */
export const leavesOf = (size: number): Buffer[] => Array.from({ length: size }, (_, at) => Buffer.alloc(at % 67, at));

/** Reads a tree by the RFC's definition. */
export const readerOf =
  (leaves: readonly Uint8Array[]): HashReader =>
  async (nodes) =>
    nodes.map(({ level, index }) => MTH(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)));

/** A log that is published as tiles. */
export class TiledLog {
  readonly tiles = new Map<string, Uint8Array>();
  private readonly growing = new GrowingTiles();

  append(leaf: Uint8Array): void {
    this.keep(this.growing.append(leafHash(leaf)));
  }

  /** What stands there for a checkpoint of the size that it has. */
  publish(): { size: number; root: Hash } {
    this.keep(this.growing.partial());
    return { size: this.growing.size, root: this.growing.root() };
  }

  readonly fetch = async (tiles: readonly Tile[]): Promise<Uint8Array[]> =>
    tiles.map((tile) => this.tiles.get(tilePath(tile)) ?? new Uint8Array());

  private keep(made: readonly StoredTile[]): void {
    for (const { tile, bytes } of made) this.tiles.set(tilePath(tile), bytes);
  }
}

const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex'); // RFC 8410 section 7, before the 32 bytes of a seed

/** An Ed25519 key that signs notes and checkpoints. */
export interface TestKey extends Cosigner {
  key: VerifierKey;
  signer: NoteSigner;
}

export function testKey(name: string, seed: Uint8Array): TestKey {
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  const publicKey = Uint8Array.from(Buffer.from(x, 'base64url'));
  const own = async (message: Uint8Array) => Uint8Array.from(sign(null, message, privateKey));
  const key = verifierKey(name, SIGNATURE_TYPES.ed25519, publicKey);
  return { name, publicKey, sign: own, key, signer: { name, id: key.id, sign: own } };
}
