import type { Place } from './words.js';

/** The completion of each shell as a script; none of them starts the program. */
export const SHELLS = { bash, zsh, fish } as const;
export type Shell = keyof typeof SHELLS;

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
const wordsOf = ({ subcommands, options }: Place): string =>
  [...subcommands, ...options.map(({ name }) => name)].join(' ');
const deeper = (places: Place[]): string =>
  places
    .slice(1)
    .map(({ path }) => quoted(path))
    .join(' | ');

/** `case` lines of bash and zsh: what to do after an option that takes a value. */
function valueCases(places: Place[], offer: (words: string) => string, files: string): string[] {
  return places.flatMap(({ path, options }) =>
    options.flatMap(({ name, value }) => {
      if (value === 'none') return [];
      return [`    ${quoted(`${path} ${name}`)}) ${value === 'file' ? files : offer(value.join(' '))}; return ;;`];
    }),
  );
}

function bash(places: Place[]): string {
  const offer = (words: string): string => `COMPREPLY=($(compgen -W ${quoted(words)} -- "$cur"))`;
  return [
    '# bash completion of countersign: source <(countersign completion bash)',
    '_countersign() {',
    '  local cur="${COMP_WORDS[COMP_CWORD]}" prev="${COMP_WORDS[COMP_CWORD-1]}" at=countersign word',
    '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
    `    case "$at $word" in ${deeper(places)}) at="$at $word" ;; esac`,
    '  done',
    '  COMPREPLY=()',
    '  case "$at $prev" in',
    ...valueCases(places, offer, ':'),
    '  esac',
    '  case "$at" in',
    ...places.map((place) => `    ${quoted(place.path)}) ${offer(wordsOf(place))} ;;`),
    '  esac',
    '}',
    'complete -o default -F _countersign countersign',
    '',
  ].join('\n');
}

function zsh(places: Place[]): string {
  const offer = (words: string): string => `compadd -- ${words}`;
  return [
    '#compdef countersign',
    '# zsh completion of countersign: source <(countersign completion zsh)',
    '_countersign() {',
    '  local at=countersign word prev="${words[CURRENT-1]}"',
    '  for word in "${(@)words[2,CURRENT-1]}"; do',
    `    case "$at $word" in ${deeper(places)}) at="$at $word" ;; esac`,
    '  done',
    '  case "$at $prev" in',
    ...valueCases(places, offer, '_files'),
    '  esac',
    '  case "$at" in',
    ...places.map((place) => `    ${quoted(place.path)}) ${offer(wordsOf(place))} ;;`),
    '  esac',
    '}',
    'compdef _countersign countersign',
    '',
  ].join('\n');
}

function fish(places: Place[]): string {
  const escaped = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const line = (path: string, rest: string): string =>
    `complete -c countersign -n ${escaped(`__countersign_at "${path}"`)} ${rest}`;
  return [
    '# fish completion of countersign: countersign completion fish | source',
    'function __countersign_at',
    '  set -l at countersign',
    '  for word in (commandline -opc)[2..-1]',
    `    contains -- "$at $word" ${places
      .slice(1)
      .map(({ path }) => escaped(path))
      .join(' ')}; and set at "$at $word"`,
    '  end',
    '  test "$at" = "$argv[1]"',
    'end',
    ...places.flatMap(({ path, subcommands, options }) => [
      ...subcommands.map((name) => {
        const description = places.find((each) => each.path === `${path} ${name}`)?.description ?? '';
        return line(path, `-f -a ${name} -d ${escaped(description)}`);
      }),
      ...options.map(({ name, description, value }) => {
        const takes = value === 'none' ? '-f' : value === 'file' ? '-r -F' : `-x -a ${escaped(value.join(' '))}`;
        return line(path, `-l ${name.slice(2)} ${takes} -d ${escaped(description)}`);
      }),
    ]),
    '',
  ].join('\n');
}
