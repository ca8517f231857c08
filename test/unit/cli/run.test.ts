import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { version } from '../../../package.json';
import { toBase64Url } from '../../../src/base/bytes.ts';
import { parseClientLine } from '../../../src/spa/enrolment.ts';
import { clientPrivate, opensWith, pair, requestOf, temporaryFolder } from '../client/support.ts';
import { gateLine, knockgate } from './support.ts';

const COMMANDS = [
  'keygen',
  'pubkey',
  'add',
  'list',
  'knock',
  'connect',
  'ssh-config',
  'import-fwknoprc',
  'import-knockd',
];

let home: string;
beforeEach(() => {
  home = temporaryFolder();
});

function config(file: string): string {
  return join(home, '.config', 'knockgate', file);
}

describe('the command line', () => {
  it.each(COMMANDS)('explains %s, with an example', async (command) => {
    const { code, out } = await knockgate(home, [command, '--help']);
    expect(code).toBe(0);
    expect(out).toContain(`Usage: knockgate ${command}`);
    expect(out).toMatch(/Example.*:\n {2}/);
    expect((await knockgate(home, [command, '-h'])).out).toBe(out);
    expect((await knockgate(home, ['--help'])).out).toContain(`  ${command} `);
  });

  it('says its version', async () => {
    expect((await knockgate(home, ['--version'])).out).toBe(`knockgate ${version}\n`);
  });

  it.each([
    [[], /command is missing/],
    [['konck'], /no command "konck"\. Did you mean knock\?\n.*--help/],
    [['knock'], /^knockgate knock: HOST is missing.*\nUsage: knockgate knock HOST .*knock --help/s],
    [['knock', 'a', 'b'], /too many/],
    [['knock', 'a', '--prot', 'tcp/22'], /--prot\. Did you mean --port\?\n.*knock --help/],
    [['list', '--force'], /list does not take --force/],
    [['knock', 'a', '--port', '--force'], /--port needs a value: --port PORT,…/],
    [['knock', 'a', '--port', 'ssh'], /--port.*\n.*tcp\/22/],
    [['knock', 'a', '--port', 'tcp/*'], /--port.*\n.*at most 254 ports/],
    [['knock', 'a', '--port', 'tcp/22', '--port=udp/53'], /knock: --port is given more than once.*\nUsage: /],
    [['deploy', 'a', '--hide', 'tcp/22', '--hide', 'tcp/80'], /deploy: --hide is given more than once/],
    [['knock', 'a', '--timeout', '0'], /--timeout/],
    [['knock', 'a', '--timeout', '1e3'], /--timeout/],
    [['connect', 'a', 'ssh'], /PORT/],
    [['add', 'knockgate1', 'client', 'x', 'y'], /knockgated key/],
    [['pubkey', '--name', 'a b'], /--name/],
  ])('ends with 2 after %j', async (argv, says) => {
    const { code, out, err } = await knockgate(home, argv);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(says);
  });

  it('prints no name from a link unchanged', async () => {
    const hostile = 'prod\u001b]0;title\u0007;id';
    const unknown = await knockgate(home, ['connect', hostile, '22']);
    expect(unknown.code).toBe(3);
    const { code, err } = await knockgate(home, ['connect', hostile, '22', '--gate', gateLine()]);
    expect(code).toBe(2);
    for (const part of ['\u001b', '\u0007', '--name prod;']) expect(unknown.err + err).not.toContain(part);
  });

  it('prints exactly one JSON object for an error, when JSON is asked for', async () => {
    const { code, out, err } = await knockgate(home, ['knock', 'prod', '--json']);
    expect(code).toBe(3);
    expect(err).toBe('');
    expect(JSON.parse(out).error).toMatchObject({ code: 'host-unknown', what: expect.stringContaining('prod') });
  });

  it('says that a fault is its own, and shows the stack only when asked', async () => {
    const broken = {
      resolve: () => {
        throw new TypeError('oops');
      },
    };
    await knockgate(home, ['keygen']);
    await knockgate(home, ['add', gateLine('prod', ['a.example'])]);
    const { code, err } = await knockgate(home, ['knock', 'prod'], broken);
    expect(code).toBe(1);
    expect(err).toMatch(/report.*KNOCKGATE_DEBUG=1/);
    expect(err).not.toContain('.ts:');
    const debugged = await knockgate(home, ['knock', 'prod'], { ...broken, env: { KNOCKGATE_DEBUG: '1' } });
    expect(debugged.err).toContain('.ts:');
  });
});

describe('keygen and pubkey', () => {
  it('print the same line, and nothing else, to stdout', async () => {
    const made = await knockgate(home, ['keygen']);
    const { key, name } = parseClientLine(made.out);
    expect(name).toBe('alice-laptop.example');
    expect(made.out.trim().split('\n')).toHaveLength(1);
    expect(await knockgate(home, ['pubkey'])).toEqual({ code: 0, out: made.out, err: '' });
    const json = JSON.parse((await knockgate(home, ['pubkey', '--json', '--name', 'x'])).out);
    expect(json).toEqual({ name: 'x', key: toBase64Url(key), line: `knockgate1 client ${toBase64Url(key)} x` });
  });

  it('agree on the name that the key was given, also on a computer that was renamed', async () => {
    await knockgate(home, ['keygen', '--name', 'alices-desk']);
    const renamed = { hostName: () => 'new.example' };
    expect(parseClientLine((await knockgate(home, ['pubkey'], renamed)).out).name).toBe('alices-desk');
    // For once only: the name that was enrolled stays.
    await knockgate(home, ['pubkey', '--name', 'other']);
    expect(parseClientLine((await knockgate(home, ['pubkey'])).out).name).toBe('alices-desk');
    expect(parseClientLine(readFileSync(config('id.pub'), 'utf8')).name).toBe('alices-desk');
  });

  it.each([
    ['is missing', undefined],
    ['is of another key', `knockgate1 client ${toBase64Url(pair.gatePublic)} bob\n`],
    ['is not a line', 'ssh-ed25519 AAAA bob\n'],
  ])('name a key by user and computer when the line beside it %s', async (_, line) => {
    const { key } = parseClientLine((await knockgate(home, ['keygen', '--name', 'alices-desk'])).out);
    rmSync(config('id.pub'));
    if (line !== undefined) writeFileSync(config('id.pub'), line);
    expect(parseClientLine((await knockgate(home, ['pubkey'])).out)).toEqual({ key, name: 'alice-laptop.example' });
  });

  it('give two keys of one computer names that differ', async () => {
    const names: string[] = [];
    for (const file of [config('id'), config('work'), config('recovery')])
      names.push(parseClientLine((await knockgate(home, ['keygen', '--identity', file])).out).name);
    expect(names).toEqual(['alice-laptop.example', 'alice-laptop.example-work', 'alice-laptop.example-recovery']);
  });

  it('never show the private half', async () => {
    const made = await knockgate(home, ['keygen']);
    const secret = readFileSync(config('id'), 'utf8').trim();
    const again = await knockgate(home, ['keygen']);
    expect(again.code).toBe(6);
    for (const { out, err } of [made, again, await knockgate(home, ['pubkey'])])
      expect(out + err).not.toContain(secret);
  });

  it('keep to XDG_CONFIG_HOME when it is absolute, and to --identity', async () => {
    const env = { XDG_CONFIG_HOME: join(home, 'xdg') };
    expect((await knockgate(home, ['keygen'], { env })).err).toContain(join(home, 'xdg', 'knockgate', 'id'));
    expect((await knockgate(home, ['keygen'], { env: { XDG_CONFIG_HOME: 'x' } })).err).toContain(config('id'));
    const file = join(home, 'other');
    expect((await knockgate(home, ['keygen', '--identity', file])).code).toBe(0);
    expect((await knockgate(home, ['pubkey', '--identity', file])).code).toBe(0);
  });

  it('say what is wrong with the key, and end with 14', async () => {
    expect((await knockgate(home, ['pubkey'])).code).toBe(14);
    await knockgate(home, ['keygen']);
    chmodSync(config('id'), 0o644);
    const { code, err } = await knockgate(home, ['pubkey']);
    expect(code).toBe(14);
    expect(err).toContain(`chmod 600 ${config('id')}`);
  });
});

describe('add and list', () => {
  it('take the line as one argument, as words, and from stdin', async () => {
    const words = gateLine('b').split(' ');
    expect((await knockgate(home, ['add', gateLine('a')])).code).toBe(0);
    expect((await knockgate(home, ['add', ...words])).code).toBe(0);
    const stdin = Readable.from([Buffer.from(`${gateLine('c')}\n`)]);
    expect((await knockgate(home, ['add', '--name', 'd'], { openStdin: () => stdin })).code).toBe(0);
    const { out } = await knockgate(home, ['list']);
    expect(out.split('\n').map((line) => line.split(' ')[0])).toEqual(['a', 'b', 'd', '']);
    expect(out).toContain('knocks at 127.0.0.1 (UDP 443) for whatever the gate allows');
  });

  it('print what the setting of the editor takes, with --json', async () => {
    mkdirSync(join(config('..')), { recursive: true });
    const fields = `gate = "${gateLine()}"\nports = ["tcp/22"]\nduration = 60\naddress = "192.0.2.9"\nknockPorts = [53]\n`;
    mkdirSync(join(config('hosts.toml'), '..'), { recursive: true });
    writeFileSync(config('hosts.toml'), `[prod]\n${fields}`);
    expect(JSON.parse((await knockgate(home, ['list', '--json'])).out)).toEqual({
      hosts: { prod: { gate: gateLine(), ports: ['tcp/22'], duration: 60, address: '192.0.2.9', knockPorts: [53] } },
    });
  });

  it('refuse a name twice without --replace, and a key that anybody could use', async () => {
    await knockgate(home, ['add', gateLine()]);
    const other = gateLine('prod', ['127.0.0.1'], [444]);
    expect((await knockgate(home, ['add', other])).code).toBe(6);
    // A script that is run again adds the same line.
    const again = await knockgate(home, ['add', gateLine()]);
    expect(again.code).toBe(0);
    expect(again.out).toMatch(/^prod: already in .*hosts\.toml, with this line$/m);
    expect((await knockgate(home, ['add', gateLine(), '--replace'])).out).toContain('prod: replaced');
    const weak = gateLine('weak').replace(/gate [^ ]+/, `gate ${toBase64Url(new Uint8Array(32))}`);
    const { code, err } = await knockgate(home, ['add', weak]);
    expect(code).toBe(3);
    expect(err).toContain('low-order');
  });

  it('list nothing, and say how to begin', async () => {
    const { code, out, err } = await knockgate(home, ['list']);
    expect([code, out]).toEqual([0, '']);
    expect(err).toContain('knockgate add');
  });
});

describe('knock', () => {
  beforeEach(async () => {
    await knockgate(home, ['keygen']);
  });

  it('ends with 10, 11, 12 or 13, and a message each', async () => {
    const line = (...addresses: string[]) => ['--gate', gateLine('g', addresses)];
    const name = await knockgate(home, ['knock', 'prod', ...line('nowhere.example')]);
    expect([name.code, name.err]).toEqual([10, expect.stringContaining('"nowhere.example"')]);
    const route = await knockgate(home, ['knock', 'prod', ...line('255.255.255.255')]);
    expect([route.code, route.err]).toEqual([11, expect.stringContaining('255.255.255.255')]);
    const answer = await knockgate(home, ['knock', 'prod', ...line('127.0.0.1')]);
    expect([answer.code, answer.err]).toEqual([12, expect.stringContaining('date -u')]);
    const stop = new AbortController();
    stop.abort();
    const stopped = await knockgate(home, ['knock', 'prod', ...line('127.0.0.1')], { signal: stop.signal });
    expect([stopped.code, stopped.err]).toEqual([13, 'knockgate: prod: cancelled.\n']);
  });

  it('at an address goes there instead of to the address of the line', async () => {
    const { err } = await knockgate(home, ['knock', '127.0.0.3', '--gate', gateLine('g', ['192.0.2.1'])]);
    expect(err).toContain('to 127.0.0.3 (UDP 443)');
  });

  it('waits as long as it is told', async () => {
    const { err } = await knockgate(home, ['knock', 'p', '--gate', gateLine(), '--timeout', '2.5']);
    expect(err).toContain('waited 2.5 s');
  });

  it('says that it cannot tell for UDP', async () => {
    const argv = ['knock', 'p', '--gate', gateLine(), '--port', 'udp/51820'];
    expect(await knockgate(home, argv)).toMatchObject({ code: 0, out: expect.stringContaining('unknown') });
    expect(JSON.parse((await knockgate(home, [...argv, '--json'])).out)).toMatchObject({ open: null, knocks: 4 });
  });

  it('refuses a psk that others can read, by its path', async () => {
    await knockgate(home, ['add', gateLine()]);
    const hosts = readFileSync(config('hosts.toml'), 'utf8');
    writeFileSync(config('hosts.toml'), `${hosts}pskFile = "psk/prod"\n`);
    mkdirSync(config('psk'));
    writeFileSync(config('psk/prod'), 'x', { mode: 0o644 });
    const { code, err } = await knockgate(home, ['knock', 'prod']);
    expect([code, err]).toEqual([14, expect.stringContaining(`chmod 600 ${config('psk/prod')}`)]);
  });
});

/** A way to a gate that keeps what is sent. */
function recordingRoute() {
  const sent: Uint8Array[] = [];
  const openRoute = async () => ({
    localAddress: '127.0.0.1',
    send: async (datagram: Uint8Array) => {
      sent.push(datagram);
    },
    close: () => {},
  });
  return { sent, openRoute };
}

describe('a pre-shared key', () => {
  const psk = new Uint8Array(32).fill(9);
  const argv = ['knock', 'p', '--gate', gateLine(), '--port', 'udp/51820'];
  /** Whether what is sent is for who has that psk. */
  async function isKeyedBy(options: readonly string[], wanted: Uint8Array | undefined): Promise<boolean> {
    mkdirSync(config('.'), { recursive: true });
    writeFileSync(config('id'), toBase64Url(clientPrivate), { mode: 0o600 });
    const { sent, openRoute } = recordingRoute();
    expect((await knockgate(home, [...argv, ...options], { openRoute })).code).toBe(0);
    expect(sent).not.toEqual([]);
    return sent.every((datagram) => opensWith(wanted, datagram));
  }

  it('comes out of a file beside --gate', async () => {
    const file = join(home, 'psk');
    writeFileSync(file, toBase64Url(psk), { mode: 0o600 });
    expect(await isKeyedBy(['--psk-file', file], psk)).toBe(true);
    expect(await isKeyedBy(['--psk-file', file], undefined)).toBe(false);
    expect(await isKeyedBy([], undefined)).toBe(true);
  });

  it('that others can read, or that is missing, sends nothing', async () => {
    await knockgate(home, ['keygen']);
    const file = join(home, 'psk');
    expect((await knockgate(home, [...argv, '--psk-file', file])).code).toBe(14);
    writeFileSync(file, toBase64Url(psk), { mode: 0o644 });
    const { code, err } = await knockgate(home, [...argv, '--psk-file', file]);
    expect([code, err]).toEqual([14, expect.stringContaining(`chmod 600 ${file}`)]);
  });
});

describe('what is asked for', () => {
  const tcp = (port: number) => ({ protocol: 'tcp', port });
  const udp = (port: number) => ({ protocol: 'udp', port });
  it.each([
    ['knock prod', '', []],
    ['knock prod', 'ports = ["tcp/22", "udp/60001"]', [tcp(22), udp(60001)]],
    ['knock prod --port tcp/80', 'ports = ["tcp/22"]', [tcp(80)]],
    ['knock prod --port tcp/22,udp/60000-60002', '', [tcp(22), udp(60000), udp(60001), udp(60002)]],
    ['knock prod', 'ports = ["tcp/22", "udp/60000-60001"]', [tcp(22), udp(60000), udp(60001)]],
    ['connect prod 22', '', [tcp(22)]],
    ['connect prod 22', 'ports = ["udp/60001", "tcp/22"]', [udp(60001), tcp(22)]],
    ['connect prod 2222', 'ports = ["udp/60001"]', [udp(60001), tcp(2222)]],
  ])('by %s with %j: %j', async (argv, fields, ports) => {
    mkdirSync(config('.'), { recursive: true });
    writeFileSync(config('id'), toBase64Url(new Uint8Array(32).fill(1)), { mode: 0o600 });
    writeFileSync(config('hosts.toml'), `[prod]\ngate = "${gateLine()}"\nduration = 45\n${fields}\n`);
    const { sent, openRoute } = recordingRoute();
    expect((await knockgate(home, argv.split(' '), { openRoute })).code).toBe(12);
    for (const datagram of sent) expect(requestOf(datagram)).toMatchObject({ ports, duration: 45 });
    expect(sent).toHaveLength(4);
  });
});
