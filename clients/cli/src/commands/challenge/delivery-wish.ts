import { CHANNELS, type Channel, type DeliveryWish } from '@countersign/contracts';
import { InvalidArgumentError } from 'commander';

/** Reads `mail:ada@acme.example`, as it stands in the command line. */
export function deliveryWish(text: string): DeliveryWish {
  const [channel = '', ...to] = text.split(':');
  if (!CHANNELS.includes(channel as Channel) || to.length === 0)
    throw new InvalidArgumentError(`it should be <channel>:<address>, the channel one of ${CHANNELS.join(', ')}`);
  return { channel: channel as Channel, to: to.join(':') };
}
