import { register } from 'node:module';

/**
 * Changes sources of this process while they are loaded: for each file (how its address ends) pairs of what stands there
 * and what is to stand there. Throws where something does not: a mutant that changes nothing proves nothing.
 *
 * @param {Record<string, string[][]>} files
 */
export function patch(files) {
  const hooks = `
    const files = ${JSON.stringify(files)};
    export async function load(url, context, next) {
      const loaded = await next(url, context);
      const changes = files[Object.keys(files).find((end) => url.endsWith(end))];
      if (changes === undefined) return loaded;
      const changed = (source, [there, instead]) => {
        if (source.split(there).length !== 2) throw new Error('mend the mutant: ' + url + ' has not once: ' + there);
        return source.replace(there, () => instead);
      };
      return { ...loaded, source: changes.reduce(changed, String(loaded.source)) };
    }`;
  register(`data:text/javascript,${encodeURIComponent(hooks)}`, import.meta.url);
}
