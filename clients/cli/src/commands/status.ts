import { connectAs, livingServices, natsServerOf, planOf } from '@countersign/local';
import { LEDGER_STREAM } from '@countersign/contracts';
import type { Command } from 'commander';
import { EXIT } from '../exit.js';
import { table } from '../screen/table.js';
import { example, folderOf, screenOf, shared, type SharedOptions } from '../shared-options.js';

const CONNECT_WITHIN_MS = 1000;
const ANSWER_WITHIN_MS = 2000;

interface StreamInfo {
  state: { messages: number; bytes: number; last_seq: number };
}

export function status(program: Command): void {
  const command = shared(program.command('status'))
    .description('which services answer on the bus, and how the ledger stands')
    .action(async (options: SharedOptions) => {
      const folder = folderOf(options);
      const bus = await connectAs(folder, natsServerOf(planOf(folder)), 'operator', CONNECT_WITHIN_MS);
      try {
        const services = await livingServices(bus);
        const timeoutMs = ANSWER_WITHIN_MS;
        const { state } = await bus.request<StreamInfo>(`$JS.API.STREAM.INFO.${LEDGER_STREAM}`, {}, { timeoutMs });
        const ledger = { messages: state.messages, bytes: state.bytes, sequence: state.last_seq };
        screenOf(options).result({ nats: bus.server, services, ledger }, [
          `nats    ${bus.server}`,
          `ledger  ${ledger.messages} messages, ${ledger.bytes} bytes, last sequence ${ledger.sequence}`,
          ...table(services.map(({ name, id, version }) => [name, version, id])),
        ]);
        if (services.length === 0) process.exitCode = EXIT.unavailable;
      } finally {
        await bus.close();
      }
    });
  example(command, 'countersign status');
}
