import 'reflect-metadata';
import { busOptions, connectBus } from '@countersign/bus';
import { runService } from '@countersign/bus/nest';
import { gauge } from '@countersign/observe';
import { SystemClock } from '@countersign/runtime';
import { Config } from './config.js';
import type { HsmDriver } from './driver/hsm-driver.js';
import { measured } from './driver/measured.js';
import { Pkcs11Driver } from './driver/pkcs11/index.js';
import { KeysModule } from './keys.module.js';

await runService('key-derivation', '0.1.0', async ({ environment, log }) => {
  const config = new Config(environment);
  const options = busOptions(environment, 'key-derivation');
  environment.finish();
  const clock = new SystemClock();
  // the HSM first: a replica whose token is another never takes a question
  const hsm = measured(Pkcs11Driver.open(config, clock, log));
  gauge('hsm_connected', '1 while this replica is logged in to its token', () => connected(hsm));
  const bus = await connectBus({ ...options, log });
  const { pinned, auditOrigin, recipients, maxInFlight } = config;
  const description = 'key reference, counter range and code to match or none; holds the HSM';
  return {
    module: KeysModule.of(hsm, { clock, pinned, auditOrigin, recipients }),
    bus,
    traces: 'told',
    needs: () => ({ hsm: () => hsm.assertConnected() }),
    server: { maxInFlight, description },
  };
});

function connected(hsm: HsmDriver): number {
  try {
    hsm.assertConnected();
    return 1;
  } catch {
    return 0;
  }
}
