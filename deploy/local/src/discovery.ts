import type { Bus } from '@countersign/bus';
import { createInbox } from '@nats-io/nats-core';
import { sleep } from '@countersign/runtime';

/** One replica of a service that answered `$SRV.PING` (ADR-32). */
export interface LivingService {
  name: string;
  id: string;
  version: string;
}

const WAIT_MS = 300; // on one machine every replica has answered long before

/** Who answers now. `bus` is the operator's: nobody else may ask. */
export async function livingServices(bus: Bus): Promise<LivingService[]> {
  return askServices<LivingService>(bus, 'PING');
}

/** What every replica of every service answers to one question of discovery, by service and id. */
export async function askServices<T extends LivingService>({ connection, settings }: Bus, verb: string): Promise<T[]> {
  const found: T[] = [];
  const inbox = createInbox(settings.inboxPrefix);
  const answers = connection.subscribe(inbox, {
    callback: (error, answer) => {
      if (error === null && answer.data.length > 0) found.push(answer.json<T>()); // empty: nobody is there
    },
  });
  connection.publish(`$SRV.${verb}`, '', { reply: inbox });
  await sleep(WAIT_MS);
  answers.unsubscribe();
  return found.sort((one, other) => `${one.name}.${one.id}`.localeCompare(`${other.name}.${other.id}`));
}
