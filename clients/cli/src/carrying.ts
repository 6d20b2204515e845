import { byText, type Carrier } from '@countersign/device';
import { overCaller } from '@countersign/device/node';
import type { Verb } from '@countersign/contracts';
import { WebRandom } from '@countersign/runtime/portable';
import type { Command } from 'commander';
import { asCaller } from './as-caller.js';
import type { Person } from './ask-person.js';
import type { Screen } from './screen/screen.js';
import type { AskingOptions } from './shared-options.js';

export interface CarryingOptions extends AskingOptions {
  byHand?: true;
}

/** What every command takes that speaks as a device. */
export const carried = (command: Command): Command =>
  command.option('--by-hand', 'no bus here: shows each message as a line, to be answered by countersign device carry');

/** Runs `work` with a carrier: over NATS, as a caller that may ask `verb`; or by hand, a line out and a line in. */
export async function withCarrier<T>(
  options: CarryingOptions,
  { verb, screen, person }: { verb: Verb; screen: Screen; person: Person },
  work: (carrier: Carrier) => Promise<T>,
): Promise<T> {
  if (!options.byHand) return asCaller(options, verb, (countersign) => work(overCaller(countersign)));
  const exchange = async (text: string): Promise<string> => {
    screen.result(JSON.parse(text) as object, text);
    return person.ask('The line that answers: ');
  };
  return work(byText(exchange, new WebRandom()));
}
