import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { bare, tableRows, textOf } from '../docs/documents.js';
import { root } from '../tidy/workspaces.js';

interface Rule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string; runbook: string };
}

const FOLDER = join(root, 'deploy/observability');
const alerts = parse(readFileSync(join(FOLDER, 'alerts.yaml'), 'utf8')) as { groups: { rules: Rule[] }[] };
const rules = alerts.groups.flatMap(({ rules: some }) => some);
const dashboard = readFileSync(join(FOLDER, 'dashboard.json'), 'utf8');

/** What Node and Prometheus tell beside ours. */
const OTHERS = ['up', 'nodejs_eventloop_lag_p99_seconds', 'process_resident_memory_bytes'];
const told = new Set([...OTHERS, ...tableRows('docs/observing.md', 'Metrics', 'metric').map(([name]) => bare(name))]);
/** Series of a histogram are named after it. */
const metricsIn = (text: string): string[] =>
  [...text.matchAll(/\b(?:countersign|nodejs|process)_\w+/g)].map(([name]) => name.replace(/_(bucket|count|sum)$/, ''));
const expressions = (JSON.parse(dashboard) as { panels: { targets: { expr: string }[] }[] }).panels.flatMap(
  ({ targets }) => targets.map(({ expr }) => expr),
);

describe('alerts', () => {
  test.each(rules)('$alert asks for metrics that there are', ({ expr }) => {
    expect(metricsIn(expr).filter((name) => !told.has(name))).toEqual([]);
    expect(expr).toMatch(/countersign_|nodejs_|^up/);
  });

  test('have a section in docs/runbooks.md each, and no other has one', () => {
    const sections = [...textOf('docs/runbooks.md').matchAll(/^## (\w+)$/gm)].map(([, name]) => name);
    expect(sections).toEqual(rules.map(({ alert }) => alert));
    for (const { alert, annotations, labels } of rules) {
      expect(annotations.runbook).toBe(`docs/runbooks.md#${alert.toLowerCase()}`);
      expect(['page', 'ticket']).toContain(labels.severity);
      expect(textOf('docs/runbooks.md')).toContain(`## ${alert}\n\n\`${labels.severity}\``);
    }
  });

  test('are what Prometheus takes, wherever its promtool is', () => {
    const promtool = (process.env['PATH'] ?? '')
      .split(delimiter)
      .map((folder) => join(folder, 'promtool'))
      .find(existsSync);
    if (promtool === undefined) return expect(rules.length).toBeGreaterThan(10); // its expressions are read there only
    const said = execFileSync(promtool, ['check', 'config', join(FOLDER, 'prometheus.yaml')], { encoding: 'utf8' });
    expect(said).toContain(`SUCCESS: ${rules.length} rules found`);
  });
});

describe('the dashboard', () => {
  test('shows metrics that there are: verdicts, HSM, ledger and audit among them', () => {
    expect(expressions.flatMap(metricsIn).filter((name) => !told.has(name))).toEqual([]);
    for (const need of [
      'verdicts_total',
      'hsm_seconds',
      'hsm_sessions',
      'ledger_append_seconds',
      'audit_signed_entries',
    ])
      expect(expressions.flatMap(metricsIn)).toContain(`countersign_${need}`);
  });
});
