#!/usr/bin/env node
import 'reflect-metadata';
import { connectBus } from '@countersign/bus';
import { runService } from '@countersign/bus/nest';
import { Ledger } from '@countersign/ledger';
import { SystemClock, SystemRandom } from '@countersign/runtime';
import { readConfig } from './config.js';
import { EnrollmentModule } from './enrollment.module.js';

await runService('enrollment', '0.1.0', async ({ environment, log }) => {
  const random = new SystemRandom();
  const config = readConfig(environment, random);
  const bus = await connectBus({ ...config.bus, log });
  const clock = new SystemClock(config.clockOffsetMs);
  const ledger = await Ledger.open({
    bus,
    clock,
    random,
    log,
    highWaterFile: config.highWaterFile,
    auditKey: config.auditKey,
  });
  const { maxInFlight, replicaName: replica } = config;
  const server = { maxInFlight, replica, description: 'who may hold a secret' };
  const needs = () => ({ ledger: () => ledger.assertUsable() });
  return { module: EnrollmentModule.of({ bus, clock, random, ledger, config }), bus, needs, server };
});
