import { activation } from './activation.js';
import { exchange } from './exchange.js';
import type { Method } from './method.js';
import { pin } from './pin.js';

/** Every method: a line each, in the order of their names. */
export const METHODS: Method[] = [activation, exchange, pin];
