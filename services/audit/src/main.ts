#!/usr/bin/env node
import 'reflect-metadata';
import { connectBus } from '@countersign/bus';
import { runService } from '@countersign/bus/nest';
import { Ledger } from '@countersign/ledger';
import { SystemClock, SystemRandom } from '@countersign/runtime';
import { AuditModule } from './audit.module.js';
import { readConfig } from './config.js';

await runService('audit', '0.1.0', async ({ environment, log }) => {
  const config = readConfig(environment);
  const bus = await connectBus({ ...config.bus, log });
  const clock = new SystemClock();
  const random = new SystemRandom();
  const ledger = await Ledger.open({
    bus,
    clock,
    random,
    log,
    highWaterFile: config.highWaterFile,
    auditKey: config.auditKey,
  });
  const server = { maxInFlight: config.maxInFlight, description: 'what the log says' };
  const needs = () => ({ ledger: () => ledger.assertUsable() });
  return { module: AuditModule.of({ bus, clock, random, ledger, log, config }), bus, needs, server };
});
