import { busOptions, connectBus } from '@countersign/bus';
import { runService } from '@countersign/bus/nest';
import { Ledger } from '@countersign/ledger';
import { readConfig } from './config.js';
import { VerificationModule } from './verification.module.js';

await runService('verification', '0.1.0', async ({ environment, log }) => {
  const config = readConfig(environment);
  const options = busOptions(environment, 'verification');
  environment.finish();
  const bus = await connectBus({ ...options, log });
  return {
    module: await VerificationModule.of(config, bus, log),
    bus,
    needs: (app) => ({ ledger: () => app.get(Ledger).assertUsable() }),
    server: { maxInFlight: config.maxInFlight, description: 'decides whether a code opens an account' },
  };
});
