import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLIENT } from '../../src/command-table/client/program.ts';
import { commandsOf } from '../../src/command-table/entry.ts';
import { scratch } from '../rig/cleanup.ts';
import { misfits } from '../rig/json-shape.ts';
import { createStar, exec, type Star } from '../rig/netns.ts';
import { isOpen } from '../rig/probe.ts';
import { type Finished, finish } from '../rig/process.ts';
import { HOST_ALIAS } from '../rig/sshd.ts';
import { Target } from '../rig/target.ts';
import { figure } from './installed.ts';

const PROGRAM = resolve(import.meta.dirname, '../../dist/knockgate.cjs');
const COUNT = 8;
const WEB = Array.from({ length: COUNT }, (_, i) => `web${i + 1}`);
/** An address of the network that nobody has. */
const GONE = '192.0.2.250';
const YES = ['--yes', '--no-second-way'];

/** One host as `--json` has it. */
interface Row {
  readonly host: string;
  readonly code: number;
  readonly seconds: number;
  readonly error?: { readonly code: string; readonly what: string };
  readonly result?: unknown;
}

/** The output of a command is as the command table says. */
function fits(command: string | undefined, output: unknown): void {
  const { json } = commandsOf(CLIENT).find(({ name }) => name === command) ?? {};
  if (json !== undefined) expect(misfits(json, output)).toEqual([]);
}

/** An administrator with one computer and many servers. */
class Administrator {
  readonly star: Star;
  readonly targets = new Map<string, Target>();
  private readonly home = scratch('many');

  constructor(star: Star) {
    this.star = star;
  }

  /** Boots the targets, one after the other: each needs the whole machine for a moment. */
  async boot(names: readonly string[]): Promise<void> {
    for (const [i, name] of names.entries()) {
      const place = this.star.targets[i];
      if (place === undefined) throw new Error(`there is no place for ${name}`);
      this.targets.set(name, await Target.boot({ name, place, disk: '512m' }));
    }
    const known = join(this.home.dir, 'known_hosts');
    const blocks = [...this.targets].map(([name, { address, user, identity }]) =>
      [`Host ${name}`, `HostName ${address}`, `User ${user}`, `IdentityFile ${identity}`, `HostKeyAlias ${name}`].join(
        '\n',
      ),
    );
    const keys = [...this.targets].map(([name, target]) =>
      readFileSync(target.knownHosts, 'utf8').replace(HOST_ALIAS, name),
    );
    writeFileSync(known, keys.join(''));
    const all = ['Host *', 'IdentitiesOnly yes', `UserKnownHostsFile ${known}`, 'GlobalKnownHostsFile none'];
    writeFileSync(this.config, [...blocks, `Host gone\nHostName ${GONE}`, ...all, ''].join('\n'));
    mkdirSync(join(this.home.dir, 'home'));
  }

  private get config(): string {
    return join(this.home.dir, 'config');
  }

  /** Runs the command line, with nobody at a terminal. */
  run(...argv: string[]): Promise<Finished> {
    const env = { PATH: process.env.PATH, HOME: join(this.home.dir, 'home'), LC_ALL: 'C.UTF-8' };
    const child = exec(this.star.client, [process.execPath, PROGRAM, ...argv], { env });
    return finish(child, { timeout: 900_000 });
  }

  /** The same with the options of a login; the first word may be two: `gate web1`. */
  login(command: readonly string[], ...options: string[]): Promise<Finished> {
    return this.run(...command, '--ssh-config', this.config, ...options);
  }

  /** The table that a command prints as data. */
  async table(command: readonly string[], ...options: string[]): Promise<{ code: number | null; rows: Row[] }> {
    const { code, stdout, stderr } = await this.login(command, ...options, '--json');
    try {
      const table = JSON.parse(stdout) as { hosts: Row[] };
      fits(command[0], table);
      return { code, rows: table.hosts };
    } catch {
      throw new Error(`no table: ${stdout}${stderr}`);
    }
  }

  /** The line of another device. */
  async otherDevice(): Promise<string> {
    const { stdout } = await this.run('keygen', '--name', 'phone', '--identity', join(this.home.dir, 'phone'));
    return stdout.trim();
  }

  /** Whether the port of a server is open to everybody, once what a knock has opened is closed. */
  async isOpen(name: string): Promise<boolean> {
    const target = this.targets.get(name);
    if (target === undefined) throw new Error(`${name} was not booted`);
    await target.run(['knockgated', 'flush']);
    return isOpen(this.star.client, target.address, 22);
  }

  async end(): Promise<void> {
    for (const target of this.targets.values()) await target.end();
    this.star.destroy();
    this.home.discard();
  }
}

const codes = (rows: readonly Row[]) => rows.map(({ host, code, error }) => [host, code, error?.code]);
/** The same of --all, whose order is that of hosts.toml: the gate that was set up first comes first. */
const codesOfAll = (rows: readonly Row[]) => codes(rows).toSorted();
const allDone = WEB.map((host) => [host, 0, undefined]);

describe('many servers at the same time', { timeout: 1_200_000 }, () => {
  let admin: Administrator;

  beforeAll(async () => {
    admin = new Administrator(await createStar(COUNT + 1));
    await admin.boot([...WEB, 'nosudo']);
    await admin.targets.get('nosudo')?.must(['rm', '/usr/bin/sudo']);
  }, 900_000);

  afterAll(() => admin?.end());

  it('are set up, but for one that is away and one without sudo, and the table says so', async () => {
    const hosts = 'web1,gone,nosudo,web2';
    const { code, stdout, stderr } = await admin.login(['deploy', hosts], ...YES);
    expect(code, stderr).toBe(15);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/));
    expect(lines[0]).toEqual(['HOST', 'RESULT', 'TIME', 'EXIT, REASON']);
    expect(lines.slice(1).map(([host, result]) => [host, result])).toEqual([
      ['web1', 'done'],
      ['gone', 'failed'],
      ['nosudo', 'failed'],
      ['web2', 'done'],
    ]);
    expect(stdout).toMatch(/^nosudo .* 4: .*root/m);
    expect(await admin.isOpen('web1')).toBe(false);
    expect(await admin.isOpen('web2')).toBe(false);
    expect(await admin.isOpen('nosudo')).toBe(true);
    const { rows } = await admin.table(['gate', 'web1,gone,web2'], 'status');
    expect(codes(rows).map(([host, exit]) => [host, exit !== 0])).toEqual([
      ['web1', false],
      ['gone', true],
      ['web2', false],
    ]);
    for (const host of ['web1', 'web2']) {
      const undone = await admin.login(['undeploy', host], '--yes', '--forget', '--json');
      expect(undone.code, undone.stderr).toBe(0);
      fits('undeploy', JSON.parse(undone.stdout));
    }
  });

  it('take less than one after the other', async () => {
    const seconds = async (hosts: string) => {
      const start = performance.now();
      const { code, rows } = await admin.table(['deploy', hosts], ...YES);
      expect(code, JSON.stringify(rows)).toBe(0);
      return (performance.now() - start) / 1000;
    };
    const one = await seconds('web1');
    expect((await admin.login(['undeploy', 'web1'], '--yes', '--forget')).code).toBe(0);
    const all = await seconds(WEB.join(','));
    figure(
      `deploy: 1 server ${one.toFixed(1)} s, ${COUNT} at once ${all.toFixed(1)} s, ${(all / one).toFixed(2)} times one`,
    );
    for (const host of WEB) expect([host, await admin.isOpen(host)]).toEqual([host, false]);
  });

  it('are asked, told of a client, freed of it by its key, and given new keys, all at once', async () => {
    const status = await admin.table(['gate', '--all'], 'status');
    expect(codesOfAll(status.rows)).toEqual(allDone);
    const line = await admin.otherDevice();
    const [, , key = ''] = line.split(' ');
    const knows = async () => {
      const { rows } = await admin.table(['gate', '--all'], 'client', 'list');
      return rows.map(({ result }) => JSON.stringify(result).includes(key));
    };
    expect((await admin.table(['gate', '--all'], 'client', 'add', line)).code).toBe(0);
    expect(await knows()).toEqual(WEB.map(() => true));
    // One of them has forgotten it already.
    expect((await admin.login(['gate', 'web3'], 'client', 'remove', 'phone')).code).toBe(0);
    expect(codesOfAll((await admin.table(['gate', '--all'], 'client', 'remove', key)).rows)).toEqual(allDone);
    expect(await knows()).toEqual(WEB.map(() => false));
    expect(codesOfAll((await admin.table(['gate', '--all'], 'rotate')).rows)).toEqual(allDone);
    expect((await admin.run('knock', 'web8', '--force')).code).toBe(0);
    expect(codesOfAll((await admin.table(['upgrade', '--all'], '--yes')).rows)).toEqual(allDone);
  });
});
