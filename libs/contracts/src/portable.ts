// What browsers run, too: the one error class, and no message, which would bring its validation.
export * from './failure.js';
