/** A line of a log as a value: the service's own fields, or `text` for servers that write no JSON. */
export function logValue(process: string, line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return { process, ...value };
  } catch {
    // a server's own words
  }
  return { process, text: line };
}

/** The same for people: when, who, how bad, what, and the rest as name=value. */
export function logLine(process: string, line: string): string {
  const value = logValue(process, line);
  if ('text' in value) return `${process}  ${line}`;
  const { at, level, message, service: _service, process: _process, ...rest } = value;
  const more = Object.entries(rest).map(
    ([name, each]) => `${name}=${typeof each === 'string' ? each : JSON.stringify(each)}`,
  );
  return [at, process, level, [message, ...more].join(' ')].map(String).join('  ');
}
