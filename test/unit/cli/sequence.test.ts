import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { formatPort } from '../../../src/base/ports.ts';
import type { Shell } from '../../../src/cli/shell.ts';
import { oneTimeSequence, timeStepAt } from '../../../src/sequence/one-time.ts';
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import { formatKey } from '../../../src/spa/keys.ts';
import { temporaryFolder, WALL_MS } from '../client/support.ts';
import { knockgate } from './support.ts';

const CONF = `
[options]
  UseSyslog
[openSSH]
  sequence = 7000,8000:udp,9000
  command = iptables -A INPUT -s %IP% -p tcp --dport 22 -j ACCEPT
  stop_command = x
[closeSSH]
  sequence = 9000,8000,7000
  command = iptables -D INPUT -s %IP% -p tcp --dport 22 -j ACCEPT
`;

describe('a host that opens to a sequence of ports', () => {
  let home: string;
  const path = (file: string) => join(home, '.config', 'knockgate', file);
  beforeEach(() => {
    home = temporaryFolder();
    mkdirSync(path(''), { recursive: true, mode: 0o700 });
    writeFileSync(join(home, 'knockd.conf'), CONF);
  });
  const write = (lines: readonly string[]) => writeFileSync(path('hosts.toml'), `${lines.join('\n')}\n`);

  /** A server that opens to whatever ends in this step. */
  function server(last: string): { heard: string[]; io: Partial<Shell> } {
    const heard: string[] = [];
    const io: Partial<Shell> = {
      openRoute: async (_, port) => ({
        localAddress: '192.0.2.7',
        send: async () => void heard.push(`udp/${port}`),
        close: () => {},
      }),
      probe: async (_, port) => {
        if (port !== 22) heard.push(`tcp/${port}`);
        return port === 22 && heard.at(-1) === last ? { kind: 'open', socket: new Socket() } : { kind: 'refused' };
      },
    };
    return { heard, io };
  }

  it('is taken over from knockd.conf, listed, and knocked at', async () => {
    const argv = ['import-knockd', join(home, 'knockd.conf'), '--address', '192.0.2.9', '--name', 'bastion'];
    const added = await knockgate(home, argv);
    expect(added).toMatchObject({ code: 0, out: `bastion: added in ${path('hosts.toml')}\n` });
    expect(added.err).toMatch(/^knockd\.conf:3: .*\nknockd\.conf:6: .*\nknockd\.conf:7: .*\n$/);
    expect(readFileSync(path('hosts.toml'), 'utf8')).toContain('steps = "7000:tcp 8000:udp 9000:tcp"');
    expect((await knockgate(home, argv)).err).toContain('is already in');
    expect((await knockgate(home, ['list'])).out).toBe('bastion  sequence of 3 steps at 192.0.2.9 for tcp/22\n');
    const json = JSON.parse((await knockgate(home, ['list', '--json'])).out);
    expect(json.hosts.bastion).toMatchObject({ kind: 'sequence', steps: '7000:tcp 8000:udp 9000:tcp', family: 'ipv4' });
    const { heard, io } = server('tcp/9000');
    expect((await knockgate(home, ['knock', 'bastion'], io)).out).toMatch(/^bastion: open after \d+ ms/);
    expect(heard).toEqual(['tcp/7000', 'udp/8000', 'tcp/9000']);
  });

  it('is added by the line that its gate prints, with the conditions of its steps', async () => {
    const line =
      'knockgate1 sequence 192.0.2.9 tcp/7000,udp/8000:length=32:sport=4000,tcp/9000:after=100ms tcp/22 door';
    const added = await knockgate(home, ['add', ...line.split(' '), '--name', 'bastion']);
    expect(added).toMatchObject({ code: 0, out: `bastion: added in ${path('hosts.toml')}\n` });
    expect(added.err).toContain('Next: knockgate knock bastion');
    const json = JSON.parse((await knockgate(home, ['list', '--json'])).out);
    expect(json.hosts.bastion).toMatchObject({
      kind: 'sequence',
      address: '192.0.2.9',
      steps: '7000:tcp 8000:udp:length=32:sport=4000 9000:tcp:after=100ms',
    });
    const again = await knockgate(home, ['add', line, '--name', 'bastion']);
    expect([again.code, again.err]).toEqual([expect.any(Number), expect.stringContaining('is already in')]);
    expect((await knockgate(home, ['add', line.replace('door', '')])).err).toContain('knockgated sequence');
  });

  it.each([
    [['closeSSH', '--address', '192.0.2.9'], 'closeSSH cannot be carried over'],
    [['nobody', '--address', '192.0.2.9'], 'which section?'],
    [[], 'add --address'],
    [['--address', 'a b'], '--address'],
    [['--address', '192.0.2.9', '--name', 'a b'], '--name'],
  ])('is not taken over with %j', async (more, says) => {
    const { code, err } = await knockgate(home, ['import-knockd', join(home, 'knockd.conf'), ...more]);
    expect([code, err]).toEqual([2, expect.stringContaining(says)]);
  });

  it('may be one that opens once, by a key that only its owner can read', async () => {
    const key = new Uint8Array(32).fill(3);
    write(['[home]', 'kind = "sequence"', 'address = "192.0.2.9"', 'client = "phone"', 'keyFile = "home.key"']);
    const steps = oneTimeSequence(nodeCrypto, key, 'phone', timeStepAt(WALL_MS)).steps.map((step) => formatPort(step));
    const { heard, io } = server(steps.at(-1) ?? '');
    const missing = await knockgate(home, ['knock', 'home'], io);
    expect([missing.code, missing.err]).toEqual([
      14,
      expect.stringMatching(/no file .*home\.key[\s\S]*`keyFile` of home/),
    ]);
    expect(missing.err).not.toContain('keygen');
    writeFileSync(path('home.key'), `${formatKey(key)}\n`, { mode: 0o644 });
    expect((await knockgate(home, ['knock', 'home'], io)).err).toContain('chmod 600');
    writeFileSync(path('safe.key'), `${formatKey(key)}\n`, { mode: 0o600 });
    write(['[home]', 'kind = "sequence"', 'address = "192.0.2.9"', 'client = "phone"', 'keyFile = "safe.key"']);
    expect((await knockgate(home, ['knock', 'home', '--json'], io)).code).toBe(0);
    expect(heard).toEqual(steps);
    expect((await knockgate(home, ['list'])).out).toBe('home  one-time sequence at 192.0.2.9 for tcp/22\n');
  });
});
