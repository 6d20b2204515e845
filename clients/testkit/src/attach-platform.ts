import { connectAs, DEFAULT_FOLDER, natsServerOf, planOf, StateFolder } from '@countersign/local';
import { PlatformAccess } from './platform-access.js';

export interface AttachOptions {
  /** its state folder: `.countersign` of the clone, where `npm start` keeps it, or `stateFolder` of a started platform */
  folder?: string;
}

const ANSWERS_WITHIN_MS = 2_000;

/**
 * A platform that somebody else runs: `npm start`, or `startPlatform` in Jest's globalSetup. It goes on when this process
 * ends, and only who runs it can break it: there are no faults here. Throws Error when none runs there.
 */
export async function attachPlatform({ folder = DEFAULT_FOLDER }: AttachOptions = {}): Promise<PlatformAccess> {
  const state = new StateFolder(folder);
  const natsServer = natsServerOf(planOf(state));
  try {
    await (await connectAs(state, natsServer, 'operator', ANSWERS_WITHIN_MS)).close();
  } catch (cause) {
    throw new Error(`the platform in ${state.path} does not run; start it: npm start`, { cause });
  }
  return new PlatformAccess(state);
}
