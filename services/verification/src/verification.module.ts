import { Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import type { Standing } from '@countersign/account';
import { Bus } from '@countersign/bus';
import { Directory, Ledger, Policies, Tenants } from '@countersign/ledger';
import { Log, SystemClock, SystemRandom } from '@countersign/runtime';
import { LRUCache } from 'lru-cache';
import { Decider } from './attempts/decide.js';
import { Digests } from './attempts/digests.js';
import { Road } from './attempts/road.js';
import { Slots } from './attempts/slots.js';
import { Challenges } from './challenges/challenges.js';
import { Delivery } from './challenges/delivery.js';
import { Reports } from './challenges/reports.js';
import type { VerificationConfig } from './config.js';
import { ForkFreezer } from './freezing/freeze-forked.js';
import { ChallengeKeys } from './keys/challenge-keys.js';
import { KeyMatcher } from './keys/key-matcher.js';
import { PlaceFinder } from './places/find-place.js';
import { Records } from './places/records.js';
import { Unlocker } from './unlocking/unlock.js';
import { VerificationController } from './verification.controller.js';
import { CacheServer } from './windows/cache-server.js';
import { WindowCache } from './windows/window-cache.js';

/** Puts verification together, and takes it apart at the end. */
@Module({})
export class VerificationModule implements OnApplicationShutdown {
  constructor(
    private readonly ledger: Ledger,
    private readonly cacheServer: CacheServer,
  ) {}

  static async of(config: VerificationConfig, bus: Bus, log: Log): Promise<DynamicModule> {
    const clock = new SystemClock(config.clockOffsetMs);
    const random = new SystemRandom();
    const { highWaterFile, auditKey, directoryIndex: index, rememberedAccounts: max } = config;
    const secrets = [config.secret, ...(config.previousSecret ? [config.previousSecret] : [])];

    const ledger = await Ledger.open({ bus, clock, random, log, highWaterFile, auditKey });
    const tenants = new Tenants(ledger, clock);
    const directory = new Directory({ bus, random, index });
    const cacheServer = new CacheServer(config.redis, log);
    const windows = new WindowCache(cacheServer, secrets, config.redis.windowMs, clock, log);
    const matcher = new KeyMatcher(bus);
    const keys = new ChallengeKeys(bus);
    const accounts = {
      ledger,
      windows,
      matcher,
      keys,
      records: new Records(ledger, max),
      seen: new LRUCache<string, number>({ max }),
    };
    const nobody = { ledger, windows, matcher, clock, shadows: new LRUCache<string, Standing>({ max }) };
    const finder = new PlaceFinder(directory, tenants, accounts, nobody, new LRUCache({ max }));
    const digests = new Digests(secrets, index);
    const road = new Road(finder, new Slots(), ledger, new Policies(ledger), clock, log);
    const challenges = new Challenges(road, digests, keys, new Delivery(bus), random, log);

    return {
      module: VerificationModule,
      controllers: [VerificationController],
      providers: [
        { provide: Ledger, useValue: ledger },
        { provide: CacheServer, useValue: cacheServer },
        { provide: Decider, useValue: new Decider(road, digests) },
        { provide: Challenges, useValue: challenges },
        { provide: Reports, useValue: new Reports(ledger, clock) },
        { provide: Unlocker, useValue: new Unlocker(directory, tenants, ledger, clock) },
        { provide: ForkFreezer, useValue: new ForkFreezer(ledger, clock, log) },
      ],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    this.cacheServer.close();
    await this.ledger.close();
  }
}
