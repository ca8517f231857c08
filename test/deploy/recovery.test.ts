import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Deployer, deployUntil, until } from '../rig/deployment.ts';
import { TARGET4 } from '../rig/netns.ts';
import { isOpen } from '../rig/probe.ts';
import { HOST_ALIAS } from '../rig/sshd.ts';
import { Target } from '../rig/target.ts';

const PASSPHRASE = 'correct horse battery staple';

describe('the file of a recovery key', () => {
  let target: Target;
  let owner: Deployer;
  let file: string;

  beforeAll(async () => {
    target = await Target.boot({ name: 'recovery', kind: 'bare' });
    owner = new Deployer(target);
    mkdirSync(join(owner.home, 'stick'));
    file = join(owner.home, 'stick', 'target');
  });

  afterAll(async () => {
    owner?.discard();
    await target?.end();
  });

  /** Lists the gate's files on the server, and whether its port is hidden. */
  const state = async () => {
    const { stdout } = await target.run(['sh', '-c', 'ls -d /etc/knockgate /usr/lib/knockgate /usr/sbin/knockgated']);
    const packages = await target.run(['dpkg-query', '-W', 'nftables', 'tcpdump', 'nodejs']);
    return {
      left: stdout,
      packages: [...packages.stdout.matchAll(/^[a-z]+/gm)].map(([name]) => name).sort(),
      isOpen: await isOpen(target.pair.client, TARGET4, 22),
    };
  };

  const trialIsOver = async () => {
    const { stdout } = await target.run(['knockgated', 'status', '--json']);
    return stdout.startsWith('{') && JSON.parse(stdout).armed === null;
  };

  it('is void when nobody confirms the trial in time, and the message says how the server is', async () => {
    const options = ['--yes', '--recovery-key', file, '--trial', '30'];
    const { code, stderr } = await deployUntil(
      owner,
      options,
      /From outside: log in over a new connection/,
      async (child) => {
        // A computer that sleeps, or a person who looks for a code to log in with.
        child.kill('SIGSTOP');
        await until('the end of the trial', trialIsOver, 60_000);
        child.kill('SIGCONT');
      },
      `${PASSPHRASE}\n${PASSPHRASE}\n`,
    );
    expect(`${code} ${stderr}`).toContain('12 ');
    expect(stderr).toContain('target: the trial of 30 s ended before the gate was confirmed.');
    expect(stderr).toContain('target is as it was before, but for the packages nftables, tcpdump, nodejs.');
    expect(stderr).toContain('tcp/22 is shown.');
    expect(stderr).toContain(`The recovery file ${file} is void and was deleted.`);
    expect(existsSync(file)).toBe(false);
    expect(await state()).toEqual({ left: '', packages: ['nftables', 'nodejs', 'tcpdump'], isOpen: true });
  });

  it('is enough to get in from a computer that knows nothing', async () => {
    const input = `${PASSPHRASE}\n${PASSPHRASE}\n`;
    const { code, stdout, stderr } = await owner.deploy(['--yes', '--recovery-key', file], { input });
    expect(`${code} ${stderr}`).toMatch(/^0 /);
    expect(stdout).toContain(`Second way in: the recovery key in ${file}, under its passphrase; keep it elsewhere.`);
    expect(stdout).toContain(`To get in from any other computer: “knockgate recover ${file}”.`);
    expect((await state()).isOpen).toBe(false);

    const elsewhere = new Deployer(target);
    try {
      const withKey = ['-i', target.identity, '-o', `UserKnownHostsFile=${elsewhere.knownHosts}`];
      const words = ['--', ...withKey, '-o', `HostKeyAlias=${HOST_ALIAS}`, 'echo in'];
      const recovered = await elsewhere.run(['recover', file, ...words], { input: `${PASSPHRASE}\n` });
      expect(recovered).toMatchObject({ code: 0, stdout: 'in\n' });
      expect(readdirSync(elsewhere.home)).toEqual([]);
      const heard = await target.must(['journalctl', '--no-pager', '-u', 'knockgate']);
      expect(heard).toMatch(/-recovery/);
    } finally {
      elsewhere.discard();
    }
  });
});
