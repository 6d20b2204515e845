import { Module, type DynamicModule, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Bus } from '@countersign/bus';
import { ALARM_SUBJECT, type Alarm } from '@countersign/contracts';
import { Directory, Ledger, Tenants } from '@countersign/ledger';
import type { Clock, Log, Random } from '@countersign/runtime';
import type { AuditConfig } from './config.js';
import { EventPages } from './events/event-pages.js';
import { EventsController } from './events/events.controller.js';
import { ForkWatch } from './forks/fork-watch.js';
import { WatchFile } from './forks/watch-file.js';
import { Tail } from './tail/tail.js';

export interface AuditParts {
  bus: Bus;
  clock: Clock;
  random: Random;
  ledger: Ledger;
  log: Log;
  config: Pick<AuditConfig, 'directoryIndex' | 'positionFile' | 'maxInFlight'>;
}

/** Reads the ledger by sequence, answers those who may read it, and watches that no history forks. */
@Module({})
export class AuditModule implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    private readonly ledger: Ledger,
    private readonly tail: Tail,
    private readonly watch: ForkWatch,
  ) {}

  static of({ bus, clock, random, ledger, log, config }: AuditParts): DynamicModule {
    const directory = new Directory({ bus, random, index: config.directoryIndex });
    const tail = new Tail(ledger, Math.ceil(config.maxInFlight / 2)); // half may wait; the other half gets answers
    const alarm = (alarm: Alarm): void => bus.publish(ALARM_SUBJECT, alarm);
    const watch = new ForkWatch({ ledger, tail, alarm, log, clock, file: new WatchFile(config.positionFile, log) });
    return {
      module: AuditModule,
      controllers: [EventsController],
      providers: [
        { provide: Ledger, useValue: ledger },
        { provide: Directory, useValue: directory },
        { provide: Tenants, useValue: new Tenants(ledger, clock) },
        { provide: Tail, useValue: tail },
        { provide: ForkWatch, useValue: watch },
        { provide: EventPages, useValue: new EventPages(ledger) },
      ],
    };
  }

  onApplicationBootstrap(): void {
    this.watch.start();
  }

  async onModuleDestroy(): Promise<void> {
    this.tail.close();
    await this.watch.stop();
    await this.ledger.close();
  }
}
