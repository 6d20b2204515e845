import { counter, gauge, histogram } from '@countersign/observe';

const SEND_BUCKETS = [0.01, 0.05, 0.1, 0.5, 1, 5, 30];

/** `sent`, or why it failed. */
export const DELIVERIES = counter('deliveries_total', 'messages that have gone their way', ['channel', 'state']);
export const IN_HAND = gauge('deliveries_in_hand', 'messages taken and not yet gone their way');
export const ATTEMPT_SECONDS = histogram(
  'delivery_attempt_seconds',
  'one attempt',
  ['channel', 'outcome'],
  SEND_BUCKETS,
);
