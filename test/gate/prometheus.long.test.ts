import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureDebian } from '../../scripts/install.mjs';
import { scratch } from '../rig/cleanup.ts';
import { until } from '../rig/deployment.ts';
import { exec, run } from '../rig/netns.ts';
import { end } from '../rig/process.ts';
import { Scene } from '../rig/scene.ts';

const EXAMPLES = resolve('examples/prometheus');
const EXPORTER = '127.0.0.1:9100';
const PROMETHEUS = '127.0.0.1:9090';

interface Panel {
  readonly title: string;
  readonly targets: readonly { readonly expr: string }[];
}

/** Debian's Prometheus, its node_exporter and its promtool, with a real gate, in the namespace of the target. */
describe('metrics for Prometheus', () => {
  let scene: Scene;
  const programs: ChildProcess[] = [];
  const { dir, discard } = scratch('prometheus');
  const textfiles = join(dir, 'textfiles');
  const file = join(textfiles, 'knockgate.prom');

  beforeAll(async () => {
    expect(await ensureDebian(['prometheus', 'prometheus-node-exporter'])).toEqual([]);
    scene = await Scene.make({ name: 'prometheus' });
    mkdirSync(textfiles);
    const config = {
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [join(EXAMPLES, 'knockgate.rules.yml')],
      scrape_configs: [{ job_name: 'node', static_configs: [{ targets: [EXPORTER] }] }],
    };
    // YAML includes JSON.
    writeFileSync(join(dir, 'prometheus.yml'), JSON.stringify(config));
    programs.push(
      exec(scene.pair.target, [
        'prometheus-node-exporter',
        `--web.listen-address=${EXPORTER}`,
        '--collector.disable-defaults',
        '--collector.textfile',
        `--collector.textfile.directory=${textfiles}`,
      ]),
      exec(scene.pair.target, [
        'prometheus',
        `--config.file=${join(dir, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(dir, 'data')}`,
        `--web.listen-address=${PROMETHEUS}`,
      ]),
    );
  }, 300_000);

  afterAll(async () => {
    for (const program of programs) await end(program);
    await scene?.end();
    discard();
  });

  /** Does what the timer does. */
  const collect = async () => expect((await scene.gate.cli(['metrics', '--to', file], { asRoot: true })).code).toBe(0);

  async function query(expr: string): Promise<{ metric: Record<string, string>; value: [number, string] }[]> {
    const { stdout } = await run(scene.pair.target, [
      process.execPath,
      '-e',
      `fetch('http://${PROMETHEUS}/api/v1/query', { method: 'POST', body: new URLSearchParams({ query: process.argv[1] }) })
        .then((answer) => answer.text()).then((text) => console.log(text), () => console.log('{}'))`,
      expr,
    ]);
    return JSON.parse(stdout).data?.result ?? [];
  }

  it('pass promtool, with a daemon and without, and so do the rules', async () => {
    await scene.outcome(scene.seal());
    for (const state of ['running', 'stopped']) {
      if (state === 'stopped') await scene.gate.stop();
      await collect();
      expect(readFileSync(file, 'utf8')).toContain(`knockgate_up ${state === 'running' ? 1 : 0}\n`);
      const checked = await run(scene.pair.target, ['sh', '-c', 'promtool check metrics <"$1"', 'sh', file]);
      expect([checked.code, checked.stdout, checked.stderr]).toEqual([0, '', '']);
    }
    await scene.gate.start();
    const rules = await run(scene.pair.target, ['promtool', 'check', 'rules', join(EXAMPLES, 'knockgate.rules.yml')]);
    expect(rules).toMatchObject({ code: 0, stderr: '' });
    expect(rules.stdout).toContain('SUCCESS: 8 rules found');
  });

  it('answer every query of the dashboard', async () => {
    await scene.outcome(scene.seal());
    await collect();
    await until('the first scrape', async () => (await query('knockgate_up == 1')).length > 0, 60_000);
    const { panels }: { panels: readonly Panel[] } = JSON.parse(readFileSync(join(EXAMPLES, 'dashboard.json'), 'utf8'));
    const queries = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    expect(queries.length).toBeGreaterThan(10);
    for (const expr of queries) await until(expr, async () => (await query(expr)).length > 0, 60_000);
    expect(await query('knockgate_events_total{event="granted"}')).toMatchObject([
      { value: [expect.any(Number), '2'] },
    ]);
  });

  it('alert when the table was flushed, and not before', async () => {
    const fires = () => query('increase(knockgate_table_restored_total[1h]) > 0');
    expect(await fires()).toEqual([]);
    await run(scene.pair.target, ['nft', 'flush', 'ruleset']);
    await scene.gate.audit(({ event }) => event === 'firewall-restored', 10_000);
    await collect();
    await until('the alert', async () => (await fires()).length > 0, 60_000);
    const firing = () => query('ALERTS{alertname="KnockgateTableFlushed",alertstate="firing"}');
    await until('the rule', async () => (await firing()).length === 1, 60_000);
  });
});
