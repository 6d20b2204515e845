import type { StateFolder } from './folder.js';
import { writePlan, type Plan, type PortName } from './plan.js';
import { freePort } from './ports.js';
import type { SupervisedProcess } from './supervised.js';

const TRIES = 3; // somebody else may take a free port before our server does

/**
 * Starts a server on its port of last time, or on another that is free; the plan remembers which. `prepare` writes its
 * configuration for the port that the plan names. Throws what the start throws.
 */
export async function onFreePort(
  folder: StateFolder,
  plan: Plan,
  name: PortName,
  prepare: () => SupervisedProcess,
): Promise<SupervisedProcess> {
  for (let tries = 1; ; tries += 1) {
    const port = await freePort(plan.ports[name]);
    plan.ports[name] = port;
    writePlan(folder, plan);
    const server = prepare();
    try {
      await server.start();
      return server;
    } catch (error) {
      const taken = (await freePort(port)) !== port;
      if (tries === TRIES || !taken) throw error;
    }
  }
}
