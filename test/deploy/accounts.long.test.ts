import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { behindMark, markedCommand } from '../../src/deploy/connection/marked-command.ts';
import { installDebs } from '../rig/debs.ts';
import { Deployer } from '../rig/deployment.ts';
import { TARGET4 } from '../rig/netns.ts';
import { isOpen } from '../rig/probe.ts';
import { Target } from '../rig/target.ts';

/** Lists traces of a deployment on a server. */
const TRACES = 'find / -xdev -path /proc -prune -o -name "*knockgate*" -print | grep -v ^/home | sort; nft list tables';

/** Files of the account that greet, narrow the PATH and mask what is made. */
const NOISY_BASHRC = 'echo "Welcome to this host"; echo careful >&2\nexport PATH=/usr/bin:/bin; umask 077\n';

interface Account {
  what: string;
  /** Commands that root gives on the target; the account is `dev`. */
  setUp: string;
  /** Answer to a question for a password. */
  typed?: string;
  /** Text that the person must see. */
  says?: RegExp;
}

const WORKING: Account[] = [
  { what: 'a silent bash', setUp: ':' },
  {
    what: 'a bash that greets, without sbin in its PATH, with umask 077, and a sudo that keeps both',
    setUp: `cat >/home/dev/.bashrc <<'END'\n${NOISY_BASHRC}END
printf 'Defaults !secure_path\\nDefaults !env_reset\\nDefaults umask=0777\\n' >/etc/sudoers.d/zz`,
  },
  {
    what: 'a tcsh that greets',
    setUp: 'usermod -s /bin/tcsh dev; echo "echo Welcome" >/home/dev/.cshrc',
  },
  {
    what: 'a fish that greets',
    setUp:
      'usermod -s /usr/bin/fish dev; mkdir -p /home/dev/.config/fish; echo "echo Welcome" >/home/dev/.config/fish/config.fish; chown -R dev: /home/dev/.config',
  },
  {
    what: 'doas without a password, and no sudo',
    setUp: 'mv /usr/bin/sudo /usr/bin/sudo.away; echo "permit nopass dev" >/etc/doas.conf',
  },
  {
    what: 'sudo with targetpw',
    setUp:
      'echo root:its own | chpasswd; echo "dev ALL=(ALL) ALL" >/etc/sudoers.d/user; echo "Defaults targetpw" >/etc/sudoers.d/zz',
    typed: "dev's own\nits own\n",
    says: /Password of root@target, for sudo:/,
  },
];

const REFUSED: Account[] = [
  {
    what: 'a forced command',
    setUp: `printf 'Match User dev\\n  ForceCommand /bin/sh -c "tee /tmp/leak"\\n' >/etc/ssh/sshd_config.d/forced.conf; systemctl reload ssh`,
    says: /does not run the commands that it is given/,
  },
  { what: 'a restricted bash', setUp: 'usermod -s /bin/rbash dev', says: /restricted/ },
  { what: 'nologin', setUp: 'usermod -s /usr/sbin/nologin dev', says: /not available/ },
  {
    what: 'a doas that asks for a password, and no sudo',
    setUp: 'mv /usr/bin/sudo /usr/bin/sudo.away; echo "permit dev" >/etc/doas.conf',
    says: /doas there asks for a password/,
  },
  {
    what: 'neither sudo nor doas',
    setUp: 'mv /usr/bin/sudo /usr/bin/sudo.away; mv /usr/bin/doas /usr/bin/doas.away',
    says: /There is no sudo and no doas/,
  },
];

/** Undoes what every `setUp` may have changed. */
const USUAL = `
for each in sudo doas; do test ! -e /usr/bin/$each.away || mv /usr/bin/$each.away /usr/bin/$each; done
rm -rf /etc/sudoers.d/zz /etc/doas.conf /etc/ssh/sshd_config.d/forced.conf /home/dev/.bashrc /home/dev/.cshrc /home/dev/.config /tmp/leak
echo 'dev ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/user
usermod -s /bin/bash dev
systemctl reload ssh`;

describe('a server with accounts and shells of every kind', () => {
  let target: Target;
  let deployer: Deployer;
  const sh = (script: string) => target.must(['sh', '-c', script], { timeout: 60_000 });

  beforeAll(async () => {
    target = await Target.boot({ name: 'shells' });
    await installDebs(target, ['tcsh', 'fish', 'opendoas'], ['fish-common', 'libpcre2-32-0']);
    // Nothing of ours may be run from there.
    await sh('mount -t tmpfs -o noexec,nosuid,mode=1777 tmpfs /tmp; ln -sf bash /bin/rbash');
    deployer = new Deployer(target);
  });

  afterEach(() => sh(USUAL));

  afterAll(async () => {
    deployer?.discard();
    await target?.end();
  });

  it.each(WORKING)('gets a gate, and loses it, through $what', async ({ setUp, typed = '', says = /./ }) => {
    await sh(setUp);
    const before = await sh(TRACES);
    const run = { input: typed };
    const { code, stderr } = await deployer.deploy(['--yes', '--no-second-way', '--no-psk'], run);
    expect(`${code} ${stderr}`).toMatch(/^0 /);
    expect(stderr).toMatch(says);
    expect(await isOpen(target.pair.client, TARGET4, 22)).toBe(false);
    const knocked = await deployer.knock();
    expect(`${knocked.code} ${knocked.stderr}`).toMatch(/^0 /);
    // The daemon reads its own files, whatever the umask was.
    expect(await sh('stat -c %a /usr/lib/knockgate /etc/knockgate')).toBe('755\n750\n');
    const asked = await deployer.run(['gate', 'target', '--ssh-config', deployer.config, 'status'], run);
    expect(`${asked.code} ${asked.stderr}`).toMatch(/^0 /);
    const removed = await deployer.undeploy(['--yes'], run);
    expect(`${removed.code} ${removed.stderr}`).toMatch(/^0 /);
    expect(await isOpen(target.pair.client, TARGET4, 22)).toBe(true);
    expect(await sh(TRACES)).toBe(before);
  });

  it('gets the gate without a service where the user is made by programs of sbin', async () => {
    await sh(WORKING[1]?.setUp ?? '');
    await sh('mv /run/systemd/system /run/systemd/not-there');
    const { code, stderr } = await deployer.deploy(['--yes', '--no-second-way', '--no-psk', '--without-service']);
    expect(`${code} ${stderr}`).toMatch(/^0 /);
    expect(await sh('id -un knockgate')).toBe('knockgate\n');
    expect((await deployer.undeploy(['--yes'])).code).toBe(0);
    await sh('mv /run/systemd/not-there /run/systemd/system');
  });

  it.each(REFUSED)('is left as it is, and the person is told why: $what', async ({ setUp, says = /./ }) => {
    await sh(setUp);
    const before = await sh(TRACES);
    const { code, stderr } = await deployer.deploy(['--yes', '--no-second-way'], {
      input: 'hunter2\nhunter2\nhunter2\n',
    });
    expect(code).not.toBe(0);
    expect(stderr).toMatch(says);
    expect(stderr).not.toContain('for sudo:');
    expect(await sh('cat /tmp/leak 2>/dev/null || :')).not.toContain('hunter2');
    expect(await sh(TRACES)).toBe(before);
  });
});

describe('a command line of ours', () => {
  const characters = fc.constantFrom(...'\'"\\$`\n !;&*~#-a=\t{(%é€');
  const words = fc.array(
    fc.array(characters).map((each) => each.join('')),
    { minLength: 1, maxLength: 5 },
  );

  it.each(['tcsh', 'fish'])('is read by %s as it was meant', (shell) => {
    const mark = ['first', 'second'] as const;
    fc.assert(
      fc.property(words, (argv) => {
        const line = markedCommand(['printf', '%s\\0', ...argv], mark);
        const { stdout, stderr } = spawnSync(shell, ['-c', line], { encoding: 'utf8' });
        expect([behindMark(stdout, mark)?.split('\0').slice(0, -1), stderr]).toEqual([argv, 'firstsecond\n']);
      }),
      { numRuns: 200 },
    );
  });
});
