/**
 * What every process started here gets of our own environment. Nothing else: a variable that means something to a service
 * and happens to be set in somebody's shell must not reach it.
 */
export function childVariables(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'TZ'];
  return Object.fromEntries(kept.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}
