import { Module, type DynamicModule, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Bus } from '@countersign/bus';
import {
  ALARM_SUBJECT,
  keysSubject,
  type Alarm,
  type CheckReply,
  type CheckRequest,
  type SignReply,
} from '@countersign/contracts';
import { Checkpoints, Directory, Ledger, Tenants } from '@countersign/ledger';
import type { Clock, Log, Random } from '@countersign/runtime';
import type { TreeHead } from '@countersign/tlog';
import { Alarms } from './alarms/alarms.js';
import type { AuditConfig } from './config.js';
import { EventPages } from './events/event-pages.js';
import { EventsController } from './events/events.controller.js';
import { ForkWatch } from './forks/fork-watch.js';
import { WatchFile } from './forks/watch-file.js';
import { LogController } from './log/log.controller.js';
import { LogKeeper } from './log/log-keeper.js';
import { Proofs } from './log/proofs.js';
import { SharedReads } from './reads/shared-reads.js';
import { Tail } from './tail/tail.js';
import { PoliciesThen } from './steps/policies-then.js';
import { StepCheck } from './steps/step-check.js';
import { StreamTiles } from './tiles/stream-tiles.js';
import { TileFolder } from './tiles/tile-folder.js';

export interface AuditParts {
  bus: Bus;
  clock: Clock;
  random: Random;
  ledger: Ledger;
  log: Log;
  config: Pick<AuditConfig, 'directoryIndex' | 'positionFile' | 'maxInFlight' | 'auditKey' | 'directory'>;
}

const KEYS_TIMEOUT_MS = 2000;

/** Reads the ledger by sequence, makes the log of it, answers those who may read it, and watches that no history forks. */
@Module({})
export class AuditModule implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    private readonly ledger: Ledger,
    private readonly tail: Tail,
    private readonly watch: ForkWatch,
    private readonly keeper: LogKeeper,
  ) {}

  static of({ bus, clock, random, ledger, log, config }: AuditParts): DynamicModule {
    const directory = new Directory({ bus, random, index: config.directoryIndex });
    const tail = new Tail(ledger, Math.ceil(config.maxInFlight / 2)); // half may wait; the other half gets answers
    const alarm = (alarm: Alarm): void => bus.publish(ALARM_SUBJECT, alarm);
    const alarms = new Alarms(alarm, log, clock);
    const reads = new SharedReads(ledger);
    const policies = new PoliciesThen(ledger);
    const steps = new StepCheck({ ledger: reads, policies, check: checker(bus) });
    const file = new WatchFile(config.positionFile, log);
    const watch = new ForkWatch({ ledger: reads, tail, alarm, log, clock, file, steps, policies, alarms });
    const chain = new Checkpoints({ bus, random, log }, config.auditKey);
    const { directory: folder } = config;
    const store = folder === undefined ? new StreamTiles({ bus, random, log }) : new TileFolder(folder);
    const keeper = new LogKeeper({ ledger: reads, tail, chain, store, sign: signer(bus), alarms, log });
    return {
      module: AuditModule,
      controllers: [EventsController, LogController],
      providers: [
        { provide: Ledger, useValue: ledger },
        { provide: Directory, useValue: directory },
        { provide: Tenants, useValue: new Tenants(ledger, clock) },
        { provide: Tail, useValue: tail },
        { provide: ForkWatch, useValue: watch },
        { provide: Checkpoints, useValue: chain },
        { provide: LogKeeper, useValue: keeper },
        { provide: Proofs, useValue: new Proofs(ledger, store, alarms) },
        { provide: EventPages, useValue: new EventPages(ledger) },
      ],
    };
  }

  onApplicationBootstrap(): void {
    this.watch.start();
    this.keeper.start();
  }

  async onModuleDestroy(): Promise<void> {
    this.tail.close();
    await Promise.all([this.watch.stop(), this.keeper.stop()]);
    await this.ledger.close();
  }
}

/** The key service builds the note itself. */
const signer =
  (bus: Bus) =>
  async ({ size, root }: TreeHead): Promise<string> => {
    const asked = { size, root: Buffer.from(root).toString('base64url') };
    const options = { timeoutMs: KEYS_TIMEOUT_MS };
    return (await bus.request<SignReply>(keysSubject('sign'), asked, options)).note;
  };

const checker =
  (bus: Bus) =>
  (request: CheckRequest): Promise<CheckReply> =>
    bus.request<CheckReply>(keysSubject('check'), request, { timeoutMs: KEYS_TIMEOUT_MS });
