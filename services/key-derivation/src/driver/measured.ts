import { HSM_FAILURES, HSM_SECONDS } from '../key-metrics.js';
import type { HsmDriver } from './hsm-driver.js';

/** The same driver, its answers timed by operation. HSM calls hold the process, so the time is the HSM's own. */
export function measured(hsm: HsmDriver): HsmDriver {
  return {
    macs: (key, from, count) => timed('macs', () => hsm.macs(key, from, count)),
    mac: (key, message) => timed('mac', () => hsm.mac(key, message)),
    newReference: () => timed('newReference', () => hsm.newReference()),
    provision: (exchange) => timed('provision', () => hsm.provision(exchange)),
    import: (wrapped) => timed('import', () => hsm.import(wrapped)),
    receipts: (messages) => timed('receipts', () => hsm.receipts(messages)),
    signAsIdentity: (message) => timed('sign', () => hsm.signAsIdentity(message)),
    signAsAudit: (message) => timed('sign', () => hsm.signAsAudit(message)),
    assertConnected: () => hsm.assertConnected(),
    close: () => hsm.close(),
  };
}

async function timed<T>(operation: string, work: () => Promise<T>): Promise<T> {
  const startedMs = performance.now();
  try {
    return await work();
  } catch (error) {
    HSM_FAILURES.inc();
    throw error;
  } finally {
    HSM_SECONDS.observe({ operation }, (performance.now() - startedMs) / 1000);
  }
}
