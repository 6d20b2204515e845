import { StartedPlatform, launch, type StartPlatformOptions } from '@countersign/testkit';
import type { Platform } from '@countersign/local';

export type WorldOptions = StartPlatformOptions;

/**
 * The whole platform for one suite, as the testkit starts it for anybody, with its inside open to ours; delivery only where a
 * suite asks for it.
 */
export class World extends StartedPlatform {
  static async start(options: WorldOptions = {}): Promise<World> {
    return new World(await launch({ ...options, replicas: { delivery: 0, ...options.replicas } }));
  }

  get platform(): Platform {
    return this.local;
  }
}
