import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { INestMicroservice } from '@nestjs/common';
import { ConfigError, Environment, Log, reasonOf } from '@countersign/runtime';
import type { Bus } from '../bus.js';
import { BusModule } from './bus-module.js';
import { BusServer, type BusServerOptions } from './bus-server.js';
import { FailureFilter } from './failure-filter.js';
import { NestLog } from './nest-log.js';

export interface ServiceParts {
  /** the application; its providers can inject `Bus` and `Log` */
  module: Type | DynamicModule;
  bus: Bus;
  /** limits, queue group, description */
  server?: Partial<Omit<BusServerOptions, 'bus'>> & { description?: string };
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
): Promise<void> {
  const environment = new Environment();
  const log = new Log(name, environment.logLevel());
  process.on('unhandledRejection', (error) => die(log, 'a promise was rejected and nobody caught it', error));
  process.on('uncaughtException', (error) => die(log, 'an error was thrown and nobody caught it', error));
  try {
    const { module, bus, server = {} } = await build({ environment, log });
    environment.finish();
    const service = { name, version, ...(server.description !== undefined && { description: server.description }) };
    const app = await createBusMicroservice(module, { service, ...server, bus });
    const stop = stopper(app, bus, log);
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    await app.listen();
    log.info('ready', { version, server: bus.server });
    void bus.connection.closed().then((error) => stop.called || die(log, 'the connection to NATS ended', error));
  } catch (error) {
    if (error instanceof ConfigError) {
      process.stderr.write(`${name}: ${error.message}\n`);
      process.exit(EXIT_CONFIGURATION);
    }
    die(log, 'cannot start', error);
  }
}

/** Order matters: requests under way still need what the providers hold, so the server drains before Nest's hooks. */
function stopper(app: INestMicroservice, bus: Bus, log: Log): { (signal: string): void; called: boolean } {
  const stop = (signal: string): void => {
    if (stop.called) return;
    stop.called = true;
    log.info('stopping', { signal });
    app
      .close()
      .then(() => bus.close())
      .then(
        () => {
          log.info('stopped');
          process.exit(0);
        },
        (error: unknown) => die(log, 'could not stop in order', error),
      );
  };
  stop.called = false;
  return stop;
}

function die(log: Log, message: string, error: unknown): never {
  log.error(message, { reason: reasonOf(error), stack: error instanceof Error ? error.stack : undefined });
  process.exit(1);
}
