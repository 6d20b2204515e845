import { allEnded } from '../all-ended.js';
import type { StateFolder } from '../folder.js';
import { natsProgram } from '../nats.js';
import { writePlan, type Plan } from '../plan.js';
import type { Program } from '../program.js';
import { redisProgram, writeRedisConfig } from '../redis.js';
import type { Servers } from '../runtime.js';
import type { SupervisedProcess } from '../supervised.js';
import { jetStreamAnswers } from './jetstream-answers.js';
import type { Network } from './network.js';
import { addressOf, choosePlaces } from './places.js';

export interface Placed {
  folder: StateFolder;
  servers: Servers;
  plan: Plan;
  network: Network | undefined;
  /** writes the configuration of each NATS server that the plan names */
  writeNatsConfig: () => void;
  supervise: (program: Program) => SupervisedProcess;
}

const TRIES = 3; // somebody else may take a free port before our server does

/**
 * Starts servers that know of each other, or that have addresses of their own: all places are chosen, and in the plan,
 * before the first starts. Throws what a start throws.
 */
export async function startPlaced(platform: Placed): Promise<SupervisedProcess[]> {
  const { folder, servers, plan, network, supervise } = platform;
  for (let tries = 1; ; tries += 1) {
    const places = (plan.places = await choosePlaces(plan.topology ?? 'single', network));
    writePlan(folder, plan);
    platform.writeNatsConfig();
    writeRedisConfig(folder, plan);
    const processes = [
      ...places.nats.map((place) => natsProgram(folder, servers, place)),
      ...places.redis.map((place) => redisProgram(folder, servers, place)),
      ...places.sentinels.map((place) => redisProgram(folder, servers, place, 'sentinel')),
    ].map(supervise);
    try {
      await allEnded(processes.map((each) => each.start()));
      await jetStreamAnswers(folder, places.nats.map(addressOf));
      return processes;
    } catch (error) {
      if (tries === TRIES || network) throw error;
      await allEnded(processes.map((each) => each.stop()));
    }
  }
}
