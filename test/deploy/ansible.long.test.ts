import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { packDeb } from '../../scripts/deb.mjs';
import { ensureDebian } from '../../scripts/install.mjs';
import { scratch } from '../rig/cleanup.ts';
import { Client } from '../rig/client.ts';
import { installOwnDebs } from '../rig/debs.ts';
import { until } from '../rig/deployment.ts';
import { exec, TARGET4 } from '../rig/netns.ts';
import { isOpen } from '../rig/probe.ts';
import { ended, type Finished, finish, signalQuietly } from '../rig/process.ts';
import { HOST_ALIAS } from '../rig/sshd.ts';
import { Target } from '../rig/target.ts';
import { figure } from './installed.ts';

const EXAMPLE = 'examples/ansible';
/** The name of the target in the inventory: not its address, and nothing that its network knows. */
const NAME = 'web1';

/** How ssh connects: as Ansible does unless it is told otherwise, or each time anew. */
const SSH = {
  shared: '-C -o ControlMaster=auto -o ControlPersist=60s',
  anew: '-o ControlMaster=no',
};

/** Somebody with Ansible and the example's files, and a target that was never a gate. */
class Administrator {
  readonly target: Target;
  private readonly client: Client;
  private readonly folder = scratch('ansible');

  private constructor(target: Target) {
    this.target = target;
    this.client = new Client(target.pair.client);
  }

  static async begin(name: string): Promise<Administrator> {
    const missing = await ensureDebian(['ansible-core']);
    if (missing.length > 0) throw new Error(missing.map((each) => `${each.name} is missing: ${each.why}`).join('\n'));
    const made = new Administrator(await Target.boot({ name }));
    try {
      // Debian's images for clouds have both.
      await installOwnDebs(made.target, ['python3', 'python3-apt']);
      await made.prepare();
      return made;
    } catch (error) {
      await made.end();
      throw error;
    }
  }

  /** The example's files, with what a person replaces in them replaced. */
  private async prepare(): Promise<void> {
    const { dir } = this.folder;
    const inventory = readFileSync(`${EXAMPLE}/inventory.ini`, 'utf8');
    const hosts = `${NAME} ansible_host=${TARGET4} ansible_user=${this.target.user}`;
    writeFileSync(join(dir, 'inventory.ini'), inventory.replace(/^web1 .*\nweb2 .*$/m, hosts));
    copyFileSync(`${EXAMPLE}/gates.yml`, join(dir, 'gates.yml'));
    await packDeb('0.1.0', dir);
    mkdirSync(join(dir, 'bin'));
    const [node, program] = this.client.argv([]);
    writeFileSync(join(dir, 'bin/knockgate'), `#!/bin/sh\nexec ${node} ${program} "$@"\n`);
    chmodSync(join(dir, 'bin/knockgate'), 0o755);
    await this.client.keygen();
  }

  private start(ssh: string, options: readonly string[]) {
    const { dir } = this.folder;
    const files = `-F none -o UserKnownHostsFile=${this.target.knownHosts} -o HostKeyAlias=${HOST_ALIAS}`;
    const env = {
      ...this.client.environment,
      PATH: `${join(dir, 'bin')}:${process.env.PATH}`,
      LC_ALL: 'C.UTF-8',
      ANSIBLE_NOCOLOR: '1',
      ANSIBLE_LOCALHOST_WARNING: 'False',
      ANSIBLE_PRIVATE_KEY_FILE: this.target.identity,
      ANSIBLE_SSH_ARGS: `${ssh} ${files}`,
      ANSIBLE_TIMEOUT: '30',
      // Fewer connections for each task, which is what a busy machine is slow at.
      ANSIBLE_PIPELINING: 'True',
    };
    const argv = ['ansible-playbook', '-i', 'inventory.ini', 'gates.yml', ...options];
    return exec(this.target.pair.client, argv, { env, cwd: dir, detached: true });
  }

  /** Runs the play to its end. */
  play(ssh: string, ...options: string[]): Promise<Finished> {
    return finish(this.start(ssh, options), { timeout: 300_000 });
  }

  /** Runs the play, and kills it and all that it has started when it begins with a task. */
  async breakAt(task: string, ssh: string, ...options: string[]): Promise<void> {
    const start = performance.now();
    const child = this.start(ssh, options);
    let said = '';
    const begun = new Promise<void>((done) => {
      child.stdout?.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        if (said.includes(`TASK [${task}]`)) done();
      });
    });
    await Promise.race([begun, ended(child)]);
    expect(said).toContain(`TASK [${task}]`);
    signalQuietly(-(child.pid ?? 0), 'SIGKILL');
    await ended(child);
    figure(`Ansible, broken off at "${task}" after ${((performance.now() - start) / 1000).toFixed(1)} s`);
  }

  isOpen(): Promise<boolean> {
    return isOpen(this.target.pair.client, TARGET4, 22);
  }

  /** The port is hidden, now and after a boot, and `knockgate knock` opens it. */
  async isGate(): Promise<void> {
    const enabled = await this.target.must(['systemctl', 'is-enabled', 'knockgate', 'knockgate-boot']);
    expect(enabled).toBe('enabled\nenabled\n');
    expect(await this.target.must(['knockgated', 'status', '--json'])).toContain('"trial":null');
    await this.target.must(['knockgated', 'flush']);
    expect(await this.isOpen()).toBe(false);
    expect((await this.client.run(['knock', NAME, '--force'])).code).toBe(0);
    await this.target.must(['knockgated', 'flush']);
  }

  async end(): Promise<void> {
    this.client.dispose();
    await this.target.end();
    this.folder.discard();
  }
}

/** The last line but empty ones: `web1 : ok=12 changed=5 unreachable=0 failed=0 …`. */
function recap({ code, stdout, stderr }: Finished): string {
  const line = stdout.split('\n').find((each) => each.startsWith(`${NAME} `)) ?? `${stdout}${stderr}`;
  const counts = /changed=\d+ +unreachable=\d+ +failed=\d+/.exec(line)?.[0].replaceAll(/ +/g, ' ');
  return code === 0 && counts !== undefined ? counts : `exit ${code}: ${stdout}${stderr}`;
}

const UNCHANGED = 'changed=0 unreachable=0 failed=0';

describe('the play of examples/ansible', { timeout: 1_200_000 }, () => {
  let admin: Administrator | undefined;
  afterEach(() => admin?.end());

  it('makes a gate, and changes nothing when it is run again, also after a boot', async () => {
    admin = await Administrator.begin('ansible');
    expect(await admin.isOpen()).toBe(true);
    const start = performance.now();
    expect(recap(await admin.play(SSH.shared))).toMatch(/^changed=[1-9]\d* unreachable=0 failed=0$/);
    figure(`Ansible, from a server to a gate: ${((performance.now() - start) / 1000).toFixed(1)} s`);
    await admin.isGate();
    expect(recap(await admin.play(SSH.shared))).toBe(UNCHANGED);
    await admin.target.reboot();
    expect(await admin.isOpen()).toBe(false);
    expect(recap(await admin.play(SSH.anew))).toBe(UNCHANGED);
    await admin.isGate();
  });

  it('goes on after a break at any of its tasks', async () => {
    admin = await Administrator.begin('ansible-breaks');
    await admin.breakAt('Add the gate on this machine', SSH.shared);
    expect(await admin.isOpen()).toBe(true);
    await admin.breakAt('Log in by a knock', SSH.shared, '-e', 'trial_seconds=15');
    // Nobody has confirmed it.
    await until('the port is shown again', () => admin?.isOpen() ?? Promise.resolve(true), 60_000);
    await admin.breakAt('Log in by a knock', SSH.shared);
    // The trial is on: the next run comes in by a knock.
    expect(await admin.isOpen()).toBe(false);
    await admin.breakAt('Keep it', SSH.anew);
    expect(recap(await admin.play(SSH.anew))).toMatch(/ unreachable=0 failed=0$/);
    await admin.isGate();
    expect(recap(await admin.play(SSH.anew))).toBe(UNCHANGED);
  });
});
