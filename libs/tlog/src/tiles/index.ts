export * from './entry-bundle.js';
export * from './growing-tiles.js';
export * from './read-tiles.js';
export { TILE_WIDTH, partialTiles, tilesAdded } from './tile.js';
export type { Tile } from './tile.js';
export * from './tile-path.js';
