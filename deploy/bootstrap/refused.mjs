/** The set-up cannot go on, and the text says what the person in front of it can do. Not a defect: shown without a stack. */
export class Refused extends Error {}

/**
 * Runs a program's main function: what was refused is one clear text on stderr and status 1.
 * @param {() => Promise<number>} main resolves with the exit status
 */
export async function asProgram(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(error instanceof Refused ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}
