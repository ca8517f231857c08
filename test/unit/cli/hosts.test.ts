import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../client/support.ts';
import { gateLine, knockgate } from './support.ts';

let home: string;
const hosts = () => readFileSync(join(home, '.config/knockgate/hosts.toml'), 'utf8');
const config = () => readFileSync(join(home, '.ssh/config'), 'utf8');
const TEXT = `# mine\n[prod] # the first\ngate = "${gateLine()}"\npskFile = "psk/prod"\n\n# another\n[dev]\ngate = "${gateLine('dev', ['127.0.0.2'])}"\n`;

beforeEach(() => {
  home = temporaryFolder();
  mkdirSync(join(home, '.config/knockgate/psk'), { recursive: true });
  writeFileSync(join(home, '.config/knockgate/hosts.toml'), TEXT.replace('127.0.0.2', '127.0.0.1'));
  writeFileSync(join(home, '.config/knockgate/psk/prod'), 'x');
});

describe('knockgate rename', () => {
  it('changes the name alone', async () => {
    const before = hosts();
    const { code, out } = await knockgate(home, ['rename', 'PROD', 'web.1', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      host: 'web.1',
      before: 'prod',
      file: expect.stringContaining('hosts.toml'),
      sshConfig: null,
    });
    expect(hosts()).toBe(before.replace('[prod] # the first', '["web.1"] # the first'));
  });

  it.each([
    [['prod', 'DEV'], 6, /dev.* is already in/i],
    [['nobody', 'x'], 3, /"nobody" is not in/],
    [['prod', 'a b'], 2, /NAME/],
    [['prod'], 2, /NAME is missing/],
  ])('refuses %j', async (args, exit, says) => {
    const before = hosts();
    const { code, err } = await knockgate(home, ['rename', ...args]);
    expect(code).toBe(exit);
    expect(err).toMatch(says);
    expect(hosts()).toBe(before);
  });
});

describe('knockgate remove', () => {
  it('removes the host and the pre-shared key that deploy has made', async () => {
    expect((await knockgate(home, ['remove', 'prod', '--yes'])).out).toContain('prod: removed from');
    expect(hosts()).toBe(TEXT.replace('127.0.0.2', '127.0.0.1').replace(/\[prod\][^[]*(?=# another)/, ''));
    expect(existsSync(join(home, '.config/knockgate/psk/prod'))).toBe(false);
  });

  it('asks first, and asks again after a wrong answer', async () => {
    const before = hosts();
    const openStdin = () => Readable.from(['what\n', 'no\n']);
    const { code, err } = await knockgate(home, ['remove', 'prod'], { openStdin });
    expect(code).toBe(13);
    expect(err.match(/\[yes\/no\]/g)).toHaveLength(2);
    expect(hosts()).toBe(before);
  });
});

describe('knockgate ssh-config --write', () => {
  it('puts the entry at the top, once, and keeps the rest', async () => {
    mkdirSync(join(home, '.ssh'));
    writeFileSync(join(home, '.ssh/config'), 'Host prod\n  HostName 192.0.2.1\n');
    for (let run = 0; run < 2; run++) {
      const { code, err } = await knockgate(home, ['ssh-config', 'prod', '--write']);
      expect(code).toBe(0);
      expect(err).toContain('Try: ssh prod');
      expect(config()).toBe(
        '# >>> knockgate prod >>>\nHost prod\n  ProxyCommand /usr/bin/node /home/alice/.local/bin/knockgate connect prod %p\n# <<< knockgate prod <<<\n\nHost prod\n  HostName 192.0.2.1\n',
      );
    }
    await knockgate(home, ['ssh-config', 'dev', '--write']);
    expect(config().match(/>>> knockgate \w+/g)).toEqual(['>>> knockgate dev', '>>> knockgate prod']);
  });

  it('makes the file when there is none', async () => {
    const { out } = await knockgate(home, ['ssh-config', 'dev', '--write', '--json']);
    expect(JSON.parse(out)).toMatchObject({ host: 'dev', file: join(home, '.ssh/config') });
    expect(config()).toContain('Host dev\n');
  });
});

describe('the entry of a host in ~/.ssh/config', () => {
  const OWN = 'Host prod\n  HostName 192.0.2.1\n';
  beforeEach(async () => {
    mkdirSync(join(home, '.ssh'));
    writeFileSync(join(home, '.ssh/config'), OWN);
    await knockgate(home, ['ssh-config', 'prod', '--write']);
  });
  const edit = () =>
    writeFileSync(join(home, '.ssh/config'), config().replace('Host prod\n', 'Host prod\n  User me\n'));

  it('goes with the host, and the question says so', async () => {
    const openStdin = () => Readable.from(['yes\n']);
    const { out, err } = await knockgate(home, ['remove', 'prod', '--json'], { openStdin });
    expect(err).toContain(`hosts.toml and ${join(home, '.ssh/config')}?`);
    expect(JSON.parse(out)).toMatchObject({ host: 'prod', sshConfig: join(home, '.ssh/config') });
    expect(config()).toBe(OWN);
  });

  it('gets the new name of the host', async () => {
    const { err } = await knockgate(home, ['rename', 'prod', 'web']);
    expect(err).toContain('ssh web knocks by itself now, ssh prod no longer does');
    expect(config()).toMatch(
      /^# >>> knockgate web >>>\nHost web\n.* connect web %p\n# <<< knockgate web <<<\n\nHost prod\n/,
    );
    expect(config()).not.toContain('knockgate prod');
  });

  it('can be taken out alone, also when its host is gone', async () => {
    writeFileSync(join(home, '.config/knockgate/hosts.toml'), '');
    expect((await knockgate(home, ['ssh-config', 'prod', '--remove'])).out).toContain('prod: entry removed from');
    expect(config()).toBe(OWN);
    const again = await knockgate(home, ['ssh-config', 'prod', '--remove', '--json']);
    expect([again.code, JSON.parse(again.out)]).toEqual([0, { host: 'prod', lines: [], file: null }]);
    expect((await knockgate(home, ['ssh-config', 'prod', '--remove', '--write'])).code).toBe(2);
  });

  it.each([
    ['an edited entry', edit, ['remove', 'prod', '--yes'], /Delete these lines and their marks yourself/],
    ['an edited entry', edit, ['rename', 'prod', 'web'], />>> knockgate prod >>>.* not as knockgate wrote them/],
    ['an edited entry', edit, ['ssh-config', 'prod', '--write'], /not as knockgate wrote them/],
    ['a read-only file', () => chmodSync(join(home, '.ssh/config'), 0o400), ['remove', 'prod', '--yes'], /read-only/],
  ])('%s: nothing changes (%#)', async (_, spoil, args, says) => {
    spoil();
    const before = [config(), hosts()];
    const { code, err } = await knockgate(home, args);
    expect([code, config(), hosts()]).toEqual([3, ...before]);
    expect(err).toMatch(says);
  });

  it('is looked for in the file of --ssh-config', async () => {
    const file = join(home, 'ssh.conf');
    await knockgate(home, ['ssh-config', 'prod', '--write', '--ssh-config', file]);
    await knockgate(home, ['remove', 'prod', '--yes', '--ssh-config', file]);
    expect(readFileSync(file, 'utf8')).toBe('');
    expect(config()).toContain('knockgate prod');
  });
});

describe('knockgate status', () => {
  it('says for each host how it looks from here', async () => {
    const probe = async (address: string) =>
      address === '127.0.0.1'
        ? ({ kind: 'silent' } as const)
        : ({ kind: 'unreachable', code: 'EHOSTUNREACH' } as const);
    const { code, out } = await knockgate(home, ['status'], { probe });
    expect(code).toBe(0);
    expect(out).toMatch(/^HOST +STATE +ADDRESS +PORT +NOTE$/m);
    expect(out).toMatch(/^prod +hidden +127\.0\.0\.1 +tcp\/22$/m);
    const one = await knockgate(home, ['status', 'prod', '--json'], { probe: async () => ({ kind: 'refused' }) });
    expect(JSON.parse(one.out)).toEqual({
      hosts: [
        {
          host: 'prod',
          state: 'refuses',
          address: '127.0.0.1',
          port: 'tcp/22',
          secondsLeft: 0,
          why: 'nothing listens there',
        },
      ],
    });
  });
});

describe('knockgate diagnose', () => {
  it('names the step that fails: here the key', async () => {
    const { code, out, err } = await knockgate(home, ['diagnose', 'prod']);
    expect(code).toBe(12);
    expect(err).toMatch(/^ok {6} Name +IPv4 127\.0\.0\.1\.$/m);
    expect(err).toMatch(/^not ok {3}Key /m);
    expect(out).toMatch(/no key|key is missing|There is no/i);
    const json = JSON.parse((await knockgate(home, ['diagnose', 'prod', '--json'])).out);
    expect(json).toMatchObject({ host: 'prod', code: 'key-missing', clientLine: null });
    const issue = await knockgate(home, ['diagnose', 'prod', '--issue']);
    expect(issue.out).toContain('Verdict: `key-missing`');
    expect(issue.out).not.toContain('127.0.0.1');
  });
});
