import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inWords } from '../../../src/base/phrase.ts';
import { loginTo } from '../../../src/deploy/connection/open.ts';
import { sshMissing } from '../../../src/deploy/connection/problems.ts';
import { problemOf, temporaryFolder } from '../support.ts';

const AUTHORITY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJxZ authority';
const NOBODY = { secret: async () => undefined, text: async () => undefined, confirm: async () => false };

/** Reasons for the system's ssh, with these lines in the configuration and in known_hosts. */
async function because(config: readonly string[], knownHosts: readonly string[]): Promise<readonly string[]> {
  const folder = temporaryFolder();
  const file = join(folder, 'config');
  writeFileSync(join(folder, 'known_hosts'), `${knownHosts.join('\n')}\n`);
  const always = [
    'Host *',
    `UserKnownHostsFile ${join(folder, 'known_hosts')}`,
    'GlobalKnownHostsFile none',
    'User dev',
  ];
  writeFileSync(file, `${[...config, ...always].join('\n')}\n`);
  const here = { home: folder, user: 'alice', env: { PATH: process.env.PATH } };
  const login = await loginTo('prod', { here, prompts: NOBODY, ssh: ['ssh', '-F', file] });
  return login.systemBecause.map((reason) => inWords(reason));
}

describe('without ssh', () => {
  it('says that ssh is missing, and where to get it', async () => {
    const here = { home: temporaryFolder(), user: 'alice', env: {} };
    const ssh = [join(here.home, 'ssh')];
    const problem = await problemOf(() => loginTo('prod', { here, prompts: NOBODY, ssh }));
    expect(problem).toMatchObject({ code: 'ssh-missing', exit: 3, what: expect.stringContaining(String(ssh[0])) });
    expect(sshMissing('prod', 'ssh', 'win32').text.next).toContain(
      'Settings, System, Optional features, OpenSSH Client',
    );
    expect(sshMissing('prod', 'ssh', 'linux').text.next).toContain('apt-get install openssh-client');
  });
});

describe('a way through jump hosts', () => {
  const JUMPS = ['Host prod', 'ProxyJump first,second:2222', 'Host first', 'ProxyJump zeroth'];

  it('is the library’s as long as it can do all of it', async () => {
    expect(await because(JUMPS, ['first ssh-ed25519 AAAA'])).toEqual([]);
  });

  it.each([
    ['first', 'first', 'first'],
    ['first', 'zeroth', 'zeroth) (jump host first'],
    ['second', '[second]:2222', 'second'],
  ])('is the system’s where known_hosts has an authority for a jump host (%s)', async (_, name, shown) => {
    expect(await because(JUMPS, [`@cert-authority ${name} ${AUTHORITY}`])).toEqual([
      `a certificate authority in known_hosts (jump host ${shown})`,
    ]);
  });

  it('is the system’s where a jump host’s own settings ask for what only that can do', async () => {
    const jumps = ['Host prod', 'ProxyJump first', 'Host first', 'RevokedHostKeys /etc/ssh/revoked'];
    expect(await because(jumps, [])).toEqual(['RevokedHostKeys (jump host first)']);
  });

  it('is not followed when another program makes the connection', async () => {
    const lines = [`@cert-authority first ${AUTHORITY}`];
    expect(await because(['Host prod', 'ProxyCommand nc %h %p', 'ProxyJump first'], lines)).toEqual([]);
  });

  it('in a circle ends', async () => {
    const circle = ['Host prod', 'ProxyJump first', 'Host first', 'ProxyJump zeroth', 'Host zeroth', 'ProxyJump first'];
    expect(await because(circle, [])).toEqual([]);
  });
});
