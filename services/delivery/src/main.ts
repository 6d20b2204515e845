#!/usr/bin/env node
import 'reflect-metadata';
import { connectBus } from '@countersign/bus';
import { runService } from '@countersign/bus/nest';
import { SystemClock, SystemRandom } from '@countersign/runtime';
import { readConfig } from './config.js';
import { DeliveryModule } from './delivery.module.js';

await runService('delivery', '0.1.0', async ({ environment, log }) => {
  const config = readConfig(environment);
  const bus = await connectBus({ ...config.bus, log });
  const parts = { config, bus, clock: new SystemClock(), random: new SystemRandom(), log };
  const server = { maxInFlight: config.maxInFlight, description: 'sends the codes of challenges' };
  return { module: await DeliveryModule.of(parts), bus, server };
});
