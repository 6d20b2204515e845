import { StartedPlatform, launch, type StartPlatformOptions } from '@countersign/testkit';
import type { Platform } from '@countersign/local';

export type WorldOptions = StartPlatformOptions;

/** The whole platform for one suite, as the testkit starts it for anybody, with its inside open to ours. */
export class World extends StartedPlatform {
  static async start(options: WorldOptions = {}): Promise<World> {
    return new World(await launch(options));
  }

  get platform(): Platform {
    return this.local;
  }
}
