import { readFileSync } from 'node:fs';
import { RecipientKey, openCode } from '@countersign/caller';
import type { CodeForm, DeliveryWish } from '@countersign/contracts';
import { pinRecipient } from '@countersign/local';
import type { Command } from 'commander';
import { asCaller } from '../../as-caller.js';
import { timeOf } from '../../screen/event-lines.js';
import { asking, example, folderOf, screenOf, type AskingOptions } from '../../shared-options.js';
import { contextOf, withContext, type ContextOptions } from './context-options.js';
import { deliveryWish } from './delivery-wish.js';

interface Options extends AskingOptions, ContextOptions {
  deliver?: DeliveryWish;
  language?: string;
  digits?: string;
  letters?: string;
  verifiers?: string[];
  networks?: string[];
  requestId?: string;
  ask?: string;
  asked?: string;
}

/** Without --deliver and --ask the code comes sealed to a key of the caller's, which is made and pinned here where it has none. */
export function issue(group: Command): void {
  const command = withContext(asking(group.command('issue <account>')))
    .description('a code for one purpose; it counts once, and only where all holds that it is bound to')
    .option('--deliver <channel:address>', 'have it sent; without it the code is shown here', deliveryWish)
    .option('--ask <device>', 'have an OCRA device asked: its response is the code')
    .option('--asked <question>', 'with --ask: what the device asked before, for the platform to answer')
    .option('--language <tag>', 'of what is sent: de, de-AT')
    .option('--digits <count>', 'how many digits it has: 6 to 8')
    .option('--letters <count>', 'letters instead: 4 to 10')
    .option('--verifiers <callers...>', 'callers that may verify it, too')
    .option('--networks <cidr...>', "networks that the person's address has to be in")
    .option('--request-id <id>', 'the same id and request get the same challenge')
    .action(async (account: string, options: Options) => {
      const { deliver, ask, asked, language, verifiers, networks, requestId } = options;
      const request = {
        ...{ account, ...formOf(options), ...contextOf(options) },
        ...(verifiers && { verifiers }),
        ...(networks && { networks }),
        ...(requestId && { requestId }),
      };
      const shown = await asCaller(options, 'challenge.issue', async (countersign, { caller, nkeySeedFile }) => {
        if (deliver)
          return countersign.issueChallenge({ ...request, deliver: { ...deliver, ...(language && { language }) } });
        if (ask) return countersign.issueChallenge({ ...request, device: ask, ...(asked && { asked }) });
        const keyFile = nkeySeedFile.replace(/\.nk$/, '.recipient');
        await pinRecipient(folderOf(options), `${options.tenant}/${caller}`, keyFile);
        const issued = await countersign.issueChallenge({ ...request, sealTo: 'caller' });
        return { ...issued, code: await openCode(await RecipientKey.read(readFileSync(keyFile, 'utf8')), issued) };
      });
      const { challenge, expiresAt, sequence, question, answer } = shown;
      screenOf(options).result(shown, [
        `challenge ${challenge}, open until ${timeOf(expiresAt)}, ledger sequence ${sequence}`,
        ...(typeof shown.code === 'string' ? [`code ${shown.code}`] : []),
        ...(question === undefined ? [] : [`question ${question}`]),
        ...(answer === undefined ? [] : [`answer of the platform ${answer}`]),
      ]);
    });
  example(
    command,
    'countersign challenge issue ada@acme.example --deliver mail:ada@acme.example --language de',
    `countersign challenge issue ada@acme.example --purpose payment --transaction '{"amount":"12.50 EUR"}'`,
  );
}

function formOf({ digits, letters }: Options): { form?: CodeForm } {
  if (letters !== undefined) return { form: { kind: 'letters', length: Number(letters) } };
  return digits === undefined ? {} : { form: { kind: 'digits', length: Number(digits) } };
}
