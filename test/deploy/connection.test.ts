import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Deployer } from '../rig/deployment.ts';
import { must } from '../rig/process.ts';
import { HOST_ALIAS } from '../rig/sshd.ts';
import { Target } from '../rig/target.ts';

describe('logging in to a server', () => {
  let target: Target;
  const deployers: Deployer[] = [];

  beforeAll(async () => {
    target = await Target.boot({ name: 'login', sudo: 'password' });
  });

  afterAll(async () => {
    for (const deployer of deployers) deployer.discard();
    await target?.end();
  });

  const client = (
    ...options: ConstructorParameters<typeof Deployer> extends [Target, ...infer Rest] ? Rest : never
  ) => {
    const deployer = new Deployer(target, ...options);
    deployers.push(deployer);
    return deployer;
  };
  const look = (deployer: Deployer, ...typed: string[]) =>
    deployer.deploy(['--dry-run'], { input: typed.map((line) => `${line}\n`).join('') });
  /** The users that sshd heard of. */
  const attempts = async () => (await target.run(['journalctl', '--no-pager', '-u', 'ssh'])).stdout;

  it('works with a key', async () => {
    const { stdout } = await look(client(), target.password);
    expect(stdout).toContain('Logged in as dev@target, by ssh2');
  });

  it('works with a password, asked for again when it was wrong', async () => {
    const { stdout, stderr } = await look(client({ withoutKey: true }), 'wrong', target.password, target.password);
    expect(stderr).toContain('Password of dev@target: That was wrong. Password of dev@target:');
    expect(stdout).toContain('Logged in as dev@target, by ssh2');
  });

  it('works with a key under a passphrase', async () => {
    const deployer = client({ withoutKey: true });
    const file = join(deployer.home, 'sealed');
    writeFileSync(file, readFileSync(target.identity), { mode: 0o600 });
    await must(['ssh-keygen', '-q', '-p', '-N', 'a passphrase', '-f', file]);
    writeFileSync(
      deployer.config,
      readFileSync(deployer.config, 'utf8').replace('IdentityFile none', `IdentityFile ${file}`),
    );
    const { stdout, stderr } = await look(deployer, 'a passphrase', target.password);
    expect(stderr).toContain(`Passphrase of the key ${file}:`);
    expect(stdout).toContain('by ssh2');
  });

  it('works through a ProxyCommand, though a gate cannot be behind one', async () => {
    const relay = join(import.meta.dirname, '../rig/helpers/tcp-relay.mjs');
    const { stdout } = await look(
      client({ config: [`ProxyCommand ${process.execPath} ${relay} %h %p`] }),
      target.password,
    );
    // Shortened where it is long.
    expect(stdout).toContain(`ssh goes there through "${process.execPath} `);
    expect(stdout).toContain('Set up a gate on the first jump host instead');
  });

  it('works through a jump host', async () => {
    const deployer = client({ config: ['ProxyJump first'] });
    const block = readFileSync(deployer.config, 'utf8')
      .replace('Host target', 'Host first')
      .replace('ProxyJump first', '');
    writeFileSync(deployer.config, `${block}\n${readFileSync(deployer.config, 'utf8')}`);
    const { stdout } = await look(deployer, target.password);
    expect(stdout).toContain('Logged in as dev@target, by ssh2');
    expect(stdout).toContain('Set up a gate on the first jump host instead');
  });

  it('is left to the system’s ssh when only that can do what the configuration asks', async () => {
    const { stdout } = await look(client({ config: ['AddressFamily inet'] }), target.password);
    expect(stdout).toContain('Logged in as dev@target, by ssh.');
  });

  it.each([[], ['AddressFamily inet']])(
    'ends before anything is sent when the host key changed (%s)',
    async (...config) => {
      const deployer = client({ config });
      await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', join(deployer.home, 'other')]);
      const key = readFileSync(join(deployer.home, 'other.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
      writeFileSync(deployer.knownHosts, `${HOST_ALIAS} ${key}\n`);
      const before = (await attempts()).length;
      const { code, stdout, stderr } = await look(deployer, target.password);
      expect(code).not.toBe(0);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/the host key has changed|HOST IDENTIFICATION HAS CHANGED|Host key verification failed/);
      expect(stderr).not.toContain('Password');
      // sshd saw somebody come and go, and heard of no account.
      const heard = (await attempts()).slice(before);
      expect(heard).not.toMatch(/Accepted|Failed|session opened/);
      expect(heard).not.toContain(target.user);
    },
  );

  it('asks about a host that is not known, and remembers it', async () => {
    const deployer = client();
    writeFileSync(deployer.knownHosts, '');
    expect((await look(deployer, 'no')).stderr).toContain('the fingerprint was not accepted');
    expect(readFileSync(deployer.knownHosts, 'utf8')).toBe('');
    const { stdout, stderr } = await look(deployer, 'yes', target.password);
    expect(stderr).toMatch(/fingerprint\nSHA256:/);
    expect(stdout).toContain('by ssh2');
    expect((await must(['ssh-keygen', '-F', HOST_ALIAS, '-f', deployer.knownHosts])).length).toBeGreaterThan(0);
  });
});

describe('a password', () => {
  it('is in no process list, environment, log or file, from the question to the end', async () => {
    const target = await Target.boot({ name: 'secret', sudo: 'password' });
    const deployer = new Deployer(target, { withoutKey: true });
    try {
      const seen: string[] = [];
      let looks = 0;
      const watch = setInterval(() => {
        looks++;
        for (const pid of readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name))) {
          for (const file of ['cmdline', 'environ']) {
            try {
              if (readFileSync(`/proc/${pid}/${file}`, 'latin1').includes(target.password)) seen.push(`${pid} ${file}`);
            } catch {
              // Ended meanwhile.
            }
          }
        }
      }, 100);
      const input = `${target.password}\n${target.password}\n`;
      const { code, stdout, stderr } = await deployer.deploy(['--yes', '--no-second-way'], { input });
      clearInterval(watch);
      expect(`${code} ${stderr}`).toMatch(/^0 /);
      expect(looks).toBeGreaterThan(20);
      expect(seen).toEqual([]);
      expect(`${stdout}${stderr}`).not.toContain(target.password);
      const grep = ['grep', '-rslaF', '-f', '-', '/etc', '/var/log', '/var/lib', '/run', '/tmp', '/home', '/root'];
      expect((await target.run(grep, { input: `${target.password}\n` })).stdout).toBe('');
      expect((await target.run(['journalctl', '--no-pager', '-o', 'json'])).stdout).not.toContain(target.password);
      const files = await must(['grep', '-rlaF', '-f', '-', deployer.home], { input: `${target.password}\n` }).catch(
        () => '',
      );
      expect(files).toBe('');
    } finally {
      deployer.discard();
      await target.end();
    }
  }, 240_000);
});
