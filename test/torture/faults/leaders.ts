import { DIRECTORY_STREAM, LEDGER_STREAM } from '@countersign/contracts';
import type { TortureWorld } from '../world/world.js';

interface StreamInfo {
  cluster?: { leader?: string };
}

const ASK_MS = 1000;

/** The NATS servers that lead a stream now; none where there is one server only, or when nobody can say. */
export async function leaders(world: TortureWorld): Promise<string[]> {
  if (!world.can.cluster) return [];
  const asked = [LEDGER_STREAM, DIRECTORY_STREAM].map(async (stream) => {
    const bus = await world.torturer();
    const { cluster } = await bus.request<StreamInfo>(`$JS.API.STREAM.INFO.${stream}`, {}, { timeoutMs: ASK_MS });
    return cluster?.leader;
  });
  const found = await Promise.allSettled(asked);
  return found.flatMap((each) => (each.status === 'fulfilled' && each.value !== undefined ? [each.value] : []));
}
