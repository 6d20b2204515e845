/** Environment that makes a service run with one of its protections taken out. */
export function mutant(name: 'without-compare'): Record<string, string> {
  return { NODE_OPTIONS: `--import ${new URL(`./${name}.mjs`, import.meta.url).href}` };
}
