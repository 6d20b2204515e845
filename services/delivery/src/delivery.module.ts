import { Module, type DynamicModule, type OnModuleDestroy } from '@nestjs/common';
import type { Bus } from '@countersign/bus';
import { TAKEN_SUBJECT } from '@countersign/contracts';
import type { Clock, Log, Random } from '@countersign/runtime';
import { RecipientKey } from '@countersign/sealing';
import { channelsOf } from './channels/channels.js';
import type { DeliveryConfig } from './config.js';
import { DeliveryController } from './delivery.controller.js';
import { Limits, RecipientDigest } from './limits/limits.js';
import { RecentFile } from './limits/recent-file.js';
import { Recent } from './limits/recent.js';
import { ReportsOnBus } from './sending/reports.js';
import { Sender } from './sending/sender.js';
import { Taking } from './taking/take.js';

export interface DeliveryParts {
  config: DeliveryConfig;
  bus: Bus;
  clock: Clock;
  random: Random;
  log: Log;
}

/** Takes codes that are sealed to it, and sends them. */
@Module({})
export class DeliveryModule implements OnModuleDestroy {
  constructor(private readonly sender: Sender) {}

  static async of({ config, bus, clock, random, log }: DeliveryParts): Promise<DynamicModule> {
    const { tenants, templates, limits, recentFile, maxInHand, attemptsAtOnce: atOnce, attemptMs } = config;
    const recent = new Recent(clock);
    const file = new RecentFile(recentFile, recent, log);
    file.load();
    const reports = new ReportsOnBus(bus, clock, log);
    const sender = new Sender({ clock, random, log, reports, maxInHand, atOnce, attemptMs });
    const taking = new Taking({
      key: await RecipientKey.read(config.key.reveal().toString('utf8')),
      clock,
      channels: channelsOf({ ...config, bus, clock }),
      tenants,
      templates,
      limits: new Limits(recent, limits),
      digest: new RecipientDigest(config.key),
      recent,
      sender,
      count: (taken) => {
        file.add(taken);
        bus.publish(TAKEN_SUBJECT, taken);
      },
    });
    return {
      module: DeliveryModule,
      controllers: [DeliveryController],
      providers: [
        { provide: Taking, useValue: taking },
        { provide: RecentFile, useValue: file },
        { provide: Sender, useValue: sender },
      ],
    };
  }

  onModuleDestroy(): Promise<void> {
    return this.sender.stop();
  }
}
