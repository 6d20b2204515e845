import type { Program } from '../program.js';

/** Where processes run, for those who want to cut what joins them. Without one all of them are on 127.0.0.1. */
export interface Network {
  /** the address at which this process listens and is reached */
  addressOf(process: string): string;
  /** the program as it is started there */
  wrap(program: Program): Program;
}
