import { activation } from './activation.js';
import { exchange } from './exchange.js';
import { importing } from './import.js';
import type { Method, Way } from './method.js';
import { pin } from './pin.js';
import { recovery } from './recovery.js';

/** Every method for devices that show codes: a line each, in the order of their names. */
export const METHODS: Method[] = [activation, exchange, importing, pin];

export const WAYS: Way[] = [...METHODS, recovery];
