import type { AddressInfo } from 'node:net';
import type { DynamicModule, INestMicroservice, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  Health,
  gauge,
  measureProcess,
  observeAddress,
  serveObservations,
  startTracing,
  tracesWanted,
  type EndTracing,
  type Needs,
} from '@countersign/observe';
import { ConfigError, Environment, Log, reasonOf } from '@countersign/runtime';
import type { Bus } from '../bus.js';
import { BusModule } from './bus-module.js';
import { BusServer, type BusServerOptions } from './bus-server.js';
import type { ServiceIdentity } from './discovery.js';
import { FailureFilter } from './failure-filter.js';
import { NestLog } from './nest-log.js';
import { RECONNECTS } from './request-metrics.js';

export interface ServiceParts {
  /** the application; its providers can inject `Bus` and `Log` */
  module: Type | DynamicModule;
  bus: Bus;
  /** without what of this, beside NATS, it is not ready */
  needs?: (app: INestMicroservice) => Needs;
  /** `told`: it exports no spans, for it reaches nothing but NATS; its answers say how long it worked */
  traces?: 'exported' | 'told';
  /** limits, queue group, and what discovery tells */
  server?: Partial<Omit<BusServerOptions, 'bus' | 'service'>> &
    Partial<Pick<ServiceIdentity, 'description' | 'metadata'>>;
}

export interface ServiceStart {
  environment: Environment;
  log: Log;
}

const EXIT_CONFIGURATION = 78; // EX_CONFIG of sysexits.h: starting again does not help

/** A Nest microservice on the bus, with failures passed on as they are. Not listening yet. */
export async function createBusMicroservice(
  module: Type | DynamicModule,
  options: BusServerOptions,
): Promise<INestMicroservice> {
  const { bus } = options;
  const { log } = bus.settings;
  const root = { module: ServiceRoot, imports: [BusModule.of(bus, log), module] };
  const app = await NestFactory.createMicroservice(root, {
    strategy: new BusServer(options),
    logger: new NestLog(log),
    abortOnError: false,
  });
  app.useGlobalFilters(new FailureFilter());
  return app;
}

class ServiceRoot {}

/** What of the process a service touches; tests give another. */
export type HostProcess = Pick<NodeJS.Process, 'env' | 'on' | 'exit'> & { stderr: { write(text: string): unknown } };

/**
 * The whole of a service's `main.ts`: builds it from the environment, serves, and drains on SIGTERM and SIGINT.
 *
 * Exit status: 0 after draining; 78 when the configuration is not usable (each variable and what would be right on
 * standard error); 1 when it cannot start, loses NATS for good, or has a defect that nobody caught.
 */
export async function runService(
  name: string,
  version: string,
  build: (start: ServiceStart) => ServiceParts | Promise<ServiceParts>,
  host: HostProcess = process,
): Promise<void> {
  const environment = new Environment(host.env);
  const log = new Log(name, environment.logLevel(), (line) => host.stderr.write(line));
  const die = (message: string, error: unknown): void => {
    log.error(message, { reason: reasonOf(error), stack: error instanceof Error ? error.stack : undefined });
    host.exit(1);
  };
  host.on('unhandledRejection', (error) => die('a promise was rejected and nobody caught it', error));
  host.on('uncaughtException', (error) => die('an error was thrown and nobody caught it', error));
  const health = new Health();
  try {
    const observed = observeAddress(environment);
    if (observed) {
      const { port } = (await serveObservations(observed, health)).address() as AddressInfo;
      log.info('observed', { host: observed.host, port });
    }
    const { module, bus, needs, traces = 'exported', server = {} } = await build({ environment, log });
    environment.finish();
    const endTracing =
      traces === 'exported' && tracesWanted(environment) ? await startTracing(name, version, log) : undefined;
    measureProcess();
    gauge('nats_connected', '1 while connected to NATS', () => (bus.connected ? 1 : 0));
    bus.onReconnect(() => RECONNECTS.inc());
    const { description, metadata, ...limits } = server;
    const service = { name, version, ...(description && { description }), ...(metadata && { metadata }) };
    const app = await createBusMicroservice(module, {
      ...limits,
      bus,
      service,
      ...(traces === 'told' && { tellsTimeAs: name }),
    });
    let stopping = false;
    const stop = (signal: string): void => {
      if (stopping) return;
      stopping = true;
      health.stopping();
      log.info('stopping', { signal });
      inOrder(app, bus, endTracing).then(
        () => {
          log.info('stopped');
          host.exit(0);
        },
        (error: unknown) => die('could not stop in order', error),
      );
    };
    host.on('SIGTERM', stop);
    host.on('SIGINT', stop);
    await app.listen();
    health.started({ nats: () => assertConnected(bus), ...needs?.(app) });
    log.info('ready', { version, nats: bus.server });
    void bus.connection.closed().then((error) => {
      if (!stopping) die('the connection to NATS ended', error ?? new Error('it was closed'));
    });
  } catch (error) {
    if (!(error instanceof ConfigError)) return die('cannot start', error);
    host.stderr.write(`${name}: ${error.message}\n`);
    host.exit(EXIT_CONFIGURATION);
  }
}

function assertConnected(bus: Bus): void {
  if (!bus.connected) throw new Error('the connection is being restored');
}

/** Requests under way still need what the providers hold: the server drains first, then Nest's hooks run. */
async function inOrder(app: INestMicroservice, bus: Bus, endTracing?: EndTracing): Promise<void> {
  await app.close();
  await endTracing?.();
  await bus.close();
}
