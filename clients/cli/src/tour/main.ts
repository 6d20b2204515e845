import { StateFolder, callerCredentials, publicKeys } from '@countersign/local';
import { reasonOf } from '@countersign/runtime';
import { Screen } from '../screen/screen.js';
import { tour } from './tour.js';

/** Program of the image `tour`: the tour of `npm start`, on a platform of containers. Ends with 1 when a step was not as expected. */
const folder = new StateFolder('/countersign');
const toured = {
  callerCredentials: (tenant: string, caller: string) => callerCredentials(folder, tenant, caller),
  publicKeys: publicKeys(folder),
};
try {
  const wrong = await tour(toured, new Screen(process.argv.includes('--json')));
  process.exitCode = wrong.length === 0 ? 0 : 1;
} catch (error) {
  process.stderr.write(`tour: ${reasonOf(error)}\n`);
  process.exitCode = 1;
}
