import { Global, Module, type DynamicModule } from '@nestjs/common';
import { Log } from '@countersign/runtime';
import { Bus } from '../bus.js';

/** Makes `Bus` and `Log` injectable by their classes everywhere. */
@Global()
@Module({})
export class BusModule {
  static of(bus: Bus, log: Log): DynamicModule {
    return {
      module: BusModule,
      providers: [
        { provide: Bus, useValue: bus },
        { provide: Log, useValue: log },
      ],
      exports: [Bus, Log],
    };
  }
}
