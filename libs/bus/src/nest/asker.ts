/** `<tenant>.<caller>`, of a caller's question; undefined on subjects of the platform's own. */
export const askerIn = (subject: string): string | undefined =>
  /^countersign\.v\d+\.([^.]+\.[^.]+)\./.exec(subject)?.[1];
