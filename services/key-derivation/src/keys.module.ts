import { Inject, Module } from '@nestjs/common';
import type { DynamicModule, OnApplicationShutdown } from '@nestjs/common';
import type { HsmDriver } from './driver/hsm-driver.js';
import { HSM, SETTINGS } from './injection.js';
import type { KeysSettings } from './injection.js';
import { KeysController } from './keys.controller.js';
import { KeysService } from './keys.service.js';

@Module({})
export class KeysModule implements OnApplicationShutdown {
  constructor(@Inject(HSM) private readonly hsm: HsmDriver) {}

  static of(hsm: HsmDriver, settings: KeysSettings): DynamicModule {
    return {
      module: KeysModule,
      controllers: [KeysController],
      providers: [KeysService, { provide: HSM, useValue: hsm }, { provide: SETTINGS, useValue: settings }],
    };
  }

  /** After the last answer: logs out. */
  async onApplicationShutdown(): Promise<void> {
    await this.hsm.close();
  }
}
