import { gauge, histogram } from '@countersign/observe';

/** `stored`, `conflict` (another event came before), `unknown` (nothing came in time: it is settled) or `refused`. */
export const APPEND_SECONDS = histogram('ledger_append_seconds', 'an append, until the server answered', ['outcome']);
export const UNSETTLED = gauge('ledger_unsettled_appends', 'appends whose outcome is not known now');
export const USABLE = gauge('ledger_usable', '1 while the premises hold, 0 while nothing is decided');
export const CLOCK_SKEW = gauge('ledger_clock_skew_seconds', "the server's clock less this one's, as last measured");
