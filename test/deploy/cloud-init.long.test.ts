import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packDeb } from '../../scripts/deb.mjs';
import { scratch } from '../rig/cleanup.ts';
import { Client } from '../rig/client.ts';
import { installOwnDebs } from '../rig/debs.ts';
import { CLIENT4, exec, TARGET4 } from '../rig/netns.ts';
import { isOpen } from '../rig/probe.ts';
import { end, sleep } from '../rig/process.ts';
import { Target } from '../rig/target.ts';
import { figure } from './installed.ts';

const SEED = '/var/lib/cloud/seed/nocloud';
const PORT = 8080;
const POLICY = '/usr/sbin/policy-rc.d';
/** Serves the files of a folder. */
const SERVER = `const { createReadStream } = require('node:fs');
require('node:http').createServer((asked, answer) => createReadStream(process.argv[1] + asked.url).pipe(answer)).listen(${PORT});`;

/**
 * A machine whose first boot with cloud-init is to come: the example's file is its user data, with what a person replaces in it
 * replaced. It has no network but the cable to the client, which serves the package.
 */
class Machine {
  readonly target: Target;
  readonly client: Client;
  private readonly folder = scratch('cloud');
  private server: ChildProcess | undefined;

  private constructor(target: Target) {
    this.target = target;
    this.client = new Client(target.pair.client);
  }

  static async make(name: string): Promise<Machine> {
    const made = new Machine(await Target.boot({ name, kind: 'bare' }));
    try {
      // cloud-init is part of an image; the packages that the file names come at the first boot, from apt's cache.
      // It is not to start before the next boot: it would look for a cloud for minutes.
      made.put(POLICY, '#!/bin/sh\nexit 101\n', 0o755);
      await installOwnDebs(made.target, ['cloud-init', 'curl', 'ca-certificates']);
      await made.target.must(['rm', POLICY]);
      await made.seed();
      return made;
    } catch (error) {
      await made.end();
      throw error;
    }
  }

  private async seed(): Promise<void> {
    const deb = await packDeb('0.1.0', this.folder.dir);
    const sum = createHash('sha256').update(readFileSync(deb)).digest('hex');
    const { key } = await this.client.keygen();
    const data = readFileSync('examples/cloud-init/user-data.yaml', 'utf8')
      .replace('https://files.example.com/knockgate_0.1.0_all.deb', `http://${CLIENT4}:${PORT}/${basename(deb)}`)
      .replace('SHA256-OF-THE-PACKAGE', sum)
      .replace('YOUR-PUBLIC-KEY', key);
    this.put(`${SEED}/user-data`, data);
    this.put(`${SEED}/meta-data`, 'instance-id: first\nlocal-hostname: target\n');
    // What this rig is, other than a cloud: no server of metadata, and keys and a network that it has made itself.
    const ssh = { ssh_deletekeys: false, ssh_genkeytypes: ['ed25519'] };
    const system = { network: { config: 'disabled' }, locale: false, apt: { preserve_sources_list: true } };
    const settings = { datasource_list: ['NoCloud'], ...ssh, ...system };
    this.put('/etc/cloud/cloud.cfg.d/99-rig.cfg', JSON.stringify(settings));
    // Packages that others recommend are not in the cache.
    this.put('/etc/apt/apt.conf.d/99rig', 'APT::Install-Recommends "false";\n');
  }

  private put(path: string, text: string, mode = 0o644): void {
    const file = join(this.target.root, path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, text, { mode });
  }

  async serve(): Promise<void> {
    const { client } = this.target.pair;
    this.server = exec(client, [process.execPath, '-e', SERVER, this.folder.dir], { stdio: 'ignore' });
    while (!(await isOpen(client, CLIENT4, PORT))) await sleep(50);
  }

  /** Boots it, waits for cloud-init, and says how that ended. */
  async boot(): Promise<string> {
    await this.target.reboot();
    const { stdout } = await this.target.run(['cloud-init', 'status', '--wait'], { timeout: 300_000 });
    return /status: (\w+)/.exec(stdout)?.[1] ?? stdout;
  }

  async log(): Promise<string> {
    return (await this.target.run(['cat', '/var/log/cloud-init-output.log'])).stdout;
  }

  isOpen(): Promise<boolean> {
    return isOpen(this.target.pair.client, TARGET4, 22);
  }

  /** Adds the gate by the line in a text, and gets in by a knock. */
  async getIn(text: string): Promise<void> {
    const line = text.split('\n').find((each) => each.startsWith('knockgate1 gate ')) ?? '';
    await this.client.add(line, '--name', 'cloud', '--replace');
    const { code, stderr } = await this.client.run(['knock', 'cloud', '--force']);
    expect(`${code} ${stderr}`).toMatch(/^0 /);
    expect((await this.target.ssh('echo in')).stdout).toBe('in\n');
  }

  async keep(): Promise<void> {
    expect((await this.target.ssh(keeping())).code).toBe(0);
  }

  async isOnTrial(): Promise<boolean> {
    return !(await this.target.must(['knockgated', 'status', '--json'])).includes('"trial":null');
  }

  async end(): Promise<void> {
    if (this.server) await end(this.server);
    this.client.dispose();
    await this.target.end();
    this.folder.discard();
  }
}

/** The command of the page for after the first login. */
function keeping(): string {
  const page = readFileSync('docs/automation.md', 'utf8');
  const [line] = /^sudo knockgated confirm && .*$/m.exec(page) ?? [];
  if (line === undefined) throw new Error('docs/automation.md does not say how to keep the gate');
  return line;
}

describe('the file of examples/cloud-init', { timeout: 600_000 }, () => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await Machine.make('cloud');
  }, 600_000);
  afterAll(() => machine?.end());

  it('leaves a machine open whose package is not there, and goes on by hand', async () => {
    const { target } = machine;
    expect(await machine.boot()).toBe('error');
    expect(await machine.isOpen()).toBe(true);
    await machine.serve();
    const said = await target.ssh('sudo set-up-gate');
    expect(`${said.code} ${said.stderr}`).toMatch(/^0 /);
    expect(await machine.isOpen()).toBe(false);
    await machine.getIn(said.stdout);
    await machine.keep();
    const again = await target.ssh('sudo set-up-gate');
    expect(again.stdout).toContain('alice-laptop is enrolled already');
    expect(await machine.isOnTrial()).toBe(false);
  });

  it('boots a gate on trial, which can be kept, and changes nothing when it is run again', async () => {
    const { target } = machine;
    // As if it had never booted.
    await target.must(['sh', '-c', 'dpkg --purge knockgate && cloud-init clean --logs']);
    const start = performance.now();
    expect(await machine.boot(), await machine.log()).toBe('done');
    figure(`cloud-init, from the first boot to a gate on trial: ${((performance.now() - start) / 1000).toFixed(1)} s`);
    expect((await target.run(['cloud-init', 'schema', '--config-file', `${SEED}/user-data`])).stdout).toContain(
      'Valid',
    );
    expect(await machine.isOpen()).toBe(false);
    expect(await machine.isOnTrial()).toBe(true);
    await machine.getIn(await machine.log());
    await machine.keep();
    expect(await machine.isOnTrial()).toBe(false);
    await target.must(['cloud-init', 'clean', '--logs']);
    expect(await machine.boot(), await machine.log()).toBe('done');
    expect(await machine.log()).toContain('alice-laptop is enrolled already');
    expect(await machine.isOnTrial()).toBe(false);
    expect(await machine.isOpen()).toBe(false);
    await machine.getIn(await machine.log());
  });
});
