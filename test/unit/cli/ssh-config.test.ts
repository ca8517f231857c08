import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../client/support.ts';
import { gateLine, knockgate } from './support.ts';

let home: string;
beforeEach(async () => {
  home = temporaryFolder();
  await knockgate(home, ['add', gateLine('prod')]);
});

describe('ssh-config', () => {
  it('prints an entry that does not depend on PATH', async () => {
    expect(await knockgate(home, ['ssh-config', 'PROD'])).toEqual({
      code: 0,
      out: 'Host prod\n  ProxyCommand /usr/bin/node /home/alice/.local/bin/knockgate connect prod %p\n',
      err: '',
    });
  });

  it('names the port of ssh where deploy has noted one', async () => {
    appendFileSync(join(home, '.config', 'knockgate', 'hosts.toml'), 'sshPort = 2222\n');
    expect((await knockgate(home, ['ssh-config', 'prod'])).out).toContain('Host prod\n  Port 2222\n  ProxyCommand ');
  });

  it('quotes paths for the shell, and what ssh takes for a token', async () => {
    const ownCommand = () => ["/opt/100%/it's/node", '/home/a b/knockgate'];
    const { out } = await knockgate(home, ['ssh-config', 'prod'], { ownCommand });
    expect(out).toContain(`ProxyCommand '/opt/100%%/it'\\''s/node' '/home/a b/knockgate' connect prod %p\n`);
  });

  it('is what add mentions', async () => {
    const { err } = await knockgate(home, ['add', gateLine('box', ['203.0.113.7']), '--replace', '--name', 'prod']);
    expect(err).toContain('knockgate ssh-config prod --write');
  });

  it('ends with 3 for a host that is not known', async () => {
    expect(await knockgate(home, ['ssh-config', 'nowhere'])).toMatchObject({ code: 3, out: '' });
  });
});
