import { counter, histogram } from '@countersign/observe';

/** By verb, and `ok` or the failure's code. */
export const REQUESTS = counter('requests_total', 'requests answered, by what was answered', ['verb', 'outcome']);

export const REQUEST_SECONDS = histogram(
  'request_seconds',
  'from the moment a request can have arrived to its answer, waiting included',
  ['verb'],
);

export const RECONNECTS = counter('nats_reconnects_total', 'times the connection to NATS was restored');

export const TURNED_AWAY = counter('requests_turned_away_total', 'requests refused unread: too many were waiting', [
  'verb',
]);
