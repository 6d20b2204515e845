import type { Command } from 'commander';
import { jsonObject } from '../../json-object.js';

/** What a challenge is bound to where it is issued, and what holds where it is verified. */
export interface ContextOptions {
  purpose?: string;
  transaction?: object;
  device?: string;
  zone?: string;
  cell?: string;
}

export const withContext = (command: Command): Command =>
  command
    .option('--purpose <text>', 'what it is for')
    .option('--transaction <json>', 'what it approves', jsonObject)
    .option('--device <id>', 'the device that the person uses')
    .option('--zone <name>', 'a place by its name')
    .option('--cell <geohash>', 'a place by its geohash');

/** Those that were given. */
export const contextOf = ({ purpose, transaction, device, zone, cell }: ContextOptions): ContextOptions => ({
  ...(purpose !== undefined && { purpose }),
  ...(transaction !== undefined && { transaction }),
  ...(device !== undefined && { device }),
  ...(zone !== undefined && { zone }),
  ...(cell !== undefined && { cell }),
});
