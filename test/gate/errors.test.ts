import { chmodSync, rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { scratch } from '../rig/cleanup.ts';
import { Client } from '../rig/client.ts';
import { figure } from '../rig/figure.ts';
import { Gate } from '../rig/gate.ts';
import { exec } from '../rig/netns.ts';
import { tableExists } from '../rig/nft.ts';
import { end, type Finished, sleep } from '../rig/process.ts';
import { HOST, keyFile, Scene } from '../rig/scene.ts';

/** Expects an exit code, and a text that says what is wrong and what to do, without a stack trace. */
function expectProblem(
  what: string,
  { code, stdout, stderr }: Finished,
  exit: number,
  said: readonly (string | RegExp)[],
) {
  figure(`error "${what}": exit ${code}: ${stderr.split('\n')[0]}`);
  expect({ code, stdout }).toEqual({ code: exit, stdout: '' });
  for (const each of said) expect(stderr).toMatch(each);
  expect(stderr).not.toMatch(/^\s+at |undefined|\[object|a fault of ours|inside knockgate itself/m);
  // What happened, why or what to do: more than one line.
  expect(stderr.trim().split('\n').length).toBeGreaterThan(1);
}

describe('the daemon says what to do when', () => {
  let scene: Scene;
  let gate: Gate;

  beforeAll(async () => {
    scene = await Scene.make({ name: 'errors' });
  });
  afterAll(async () => {
    await scene?.end();
  });

  // Each case has a gate beside the scene's, with its own files, key and NFLOG group.
  beforeEach(async () => {
    gate = new Gate(scene.pair.target, { settings: { nflog_group: 7 }, clients: [scene.entry] });
    await gate.enrolmentLine();
  });
  afterEach(async () => {
    await gate.dispose();
  });

  it.each([
    ['nft', /apt-get install nftables/],
    ['tcpdump', /apt-get install tcpdump\), or set capture = "socket"/],
  ])('the program %s is missing', async (program, advice) => {
    const done = await gate.cli(['run'], { through: without(program) });
    expectProblem(`${program} missing`, done, 5, [`The program ${program} is not installed`, advice]);
  });

  it('it has no right to change the firewall', async () => {
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--bounding-set=-all'];
    const done = await gate.cli(['run'], { asRoot: true, through: nobody });
    expectProblem('no root', done, 4, ['CAP_NET_ADMIN', /Run it as root or by its systemd unit/, '--firewall memory']);
  });

  it('another daemon runs', async () => {
    const before = scene.gate.pid;
    const done = await scene.gate.cli(['run']);
    expectProblem('second daemon', done, 6, ['Another knockgated is running', 'knockgated status', /stop it before/]);
    // The first goes on as if nothing had been.
    expect(scene.gate.pid).toBe(before);
    expect((await scene.knock()).json).toMatchObject({ open: true });
  });

  it('another program reads its NFLOG group', async () => {
    const reader = exec(scene.pair.target, ['tcpdump', '-i', 'nflog:7', '-w', '/dev/null'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    reader.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    for (let tries = 0; tries < 500 && !said.includes('listening on'); tries += 1) await sleep(10);
    const done = await gate.cli(['run']);
    await end(reader);
    expectProblem('NFLOG group in use', done, 6, ['NFLOG group 7', 'nflog_group in gate.toml']);
  });

  it.each([
    ['broken syntax', '[gate]\nports = ["tcp/22"\n', 3, /not valid TOML/],
    ['an unknown key', '[gate]\nports = ["tcp/22"]\nknock_port = 443\n', 3, /knock_port/],
    ['an impossible value', '[gate]\n\nports = ["tcp/99999"]\n', 3, /tcp\/8000-8100/],
    ['a client without a key', '[gate]\nports = ["tcp/22"]\n[[client]]\nname = "a"\n', 3, /knockgate pubkey/],
  ])('gate.toml has %s', async (what, text, line, advice) => {
    gate.configureText(text);
    for (const command of ['run', 'check']) {
      const done = await gate.cli([command]);
      const where = `${gate.configFile}:${line}: `;
      expectProblem(`gate.toml with ${what}, ${command}`, done, 3, [where, advice, 'knockgated check']);
    }
  });

  it('there is no gate.toml', async () => {
    rmSync(gate.configFile);
    const done = await gate.cli(['run']);
    expectProblem('no gate.toml', done, 3, [`no configuration at ${gate.configFile}`, '--config FILE']);
  });

  it('others can read its key', async () => {
    const key = `${gate.dir}/gate.key`;
    chmodSync(key, 0o644);
    const done = await gate.cli(['run']);
    expectProblem("the gate's key readable by others", done, 14, [
      `${key} is readable by every user`,
      `chmod 0640 ${key}`,
    ]);
    chmodSync(key, 0o640);
    rmSync(key);
    expectProblem("the gate's key missing", await gate.cli(['run']), 14, [key, 'knockgated key']);
  });

  it('no daemon runs', async () => {
    expectProblem('no daemon to ask', await gate.cli(['status']), 1, ['knockgated is not running', 'knockgated run']);
  });

  it('and what failed to start has hidden nothing', async () => {
    const alone = await Scene.make({ name: 'alone', start: false });
    for (const program of ['nft', 'tcpdump']) await alone.gate.cli(['run'], { through: without(program) });
    expect(await tableExists(alone.pair.target)).toBe(false);
    expect(await alone.isOpen()).toBe(true);
    // What was missing is there again: nothing of the failed starts is in the way.
    await alone.gate.start();
    expect(await alone.isOpen(undefined, 22, 300)).toBe(false);
    await alone.end();
  });
});

describe('the client says what to do when', () => {
  let scene: Scene;
  /** Has a key and no hosts: the key of a gate that it knew would be good at that gate's addresses only. */
  let newcomer: Client;

  beforeAll(async () => {
    scene = await Scene.make({ name: 'errors' });
    newcomer = new Client(scene.pair.client);
    await newcomer.keygen('newcomer');
  });
  afterAll(async () => {
    newcomer?.dispose();
    await scene?.end();
  });

  const knock = (client: Client, host: string, ...args: string[]) =>
    client.run(['knock', host, '--force', '--timeout', '2', ...args]);

  it('others can read its key', async () => {
    chmodSync(keyFile(scene.client), 0o644);
    const done = await knock(scene.client, HOST);
    chmodSync(keyFile(scene.client), 0o600);
    const key = keyFile(scene.client);
    expectProblem("the client's key readable by others", done, 14, [`${key}: other users can`, `chmod 600 ${key}`]);
  });

  it('it has no key', async () => {
    const empty = new Client(scene.pair.client);
    const done = await knock(empty, '192.0.2.2', '--gate', scene.line);
    empty.dispose();
    expectProblem("the client's key missing", done, 14, ['There is no key in', 'knockgate keygen']);
  });

  it('a host is not known', async () => {
    expectProblem('host not known', await knock(scene.client, 'nowhere'), 3, ['"nowhere" is not in', /knockgate add/]);
  });

  it('a name does not resolve', async () => {
    const line = scene.line.replace(/\S+( \S+ \S+)$/, 'gate.invalid$1');
    const done = await knock(newcomer, 'anywhere', '--gate', line);
    expectProblem('name does not resolve', done, 10, ['no address found for "gate.invalid"', /Check the spelling/]);
  });

  it('the gate does not know its key', async () => {
    const stranger = new Client(scene.pair.client);
    await stranger.keygen('stranger');
    await stranger.add(scene.line);
    const before = await scene.status();
    const done = await knock(stranger, HOST);
    stranger.dispose();
    const advice = [/knocked, but tcp\/22 did not open/, /1\. The key: .*public key.*`sudo knockgated client list`/];
    expectProblem('a wrong key', done, 12, advice);
    const { packets } = await scene.status();
    expect(packets).toEqual(before.packets);
  });

  it('the gate is down', async () => {
    await scene.gate.stop();
    const advice = ['knocked, but tcp/22 did not open', /4\. The gate: is it up\? Run `sudo knockgated status`/];
    expectProblem('gate down', await knock(scene.client, HOST), 12, advice);
    await scene.gate.start();
  });

  it('nothing listens behind the gate', async () => {
    const done = await knock(scene.client, HOST, '--port', 'tcp/23');
    expectProblem('port refused', done, 12, [/refuses tcp\/23/, /Check that the service runs/]);
  });

  it('there is no way to the host', async () => {
    const line = scene.line.replace(/\S+( \S+ \S+)$/, '203.0.113.9,2001:db8:9::9$1');
    const done = await knock(newcomer, 'far', '--gate', line);
    expectProblem('no route', done, 11, [
      /cannot send packets to 203\.0\.113\.9, 2001:db8:9::9/,
      'ENETUNREACH',
      /online, its VPN/,
    ]);
  });
});

/**
 * Runs what follows it where a program does not exist at all: in a mount namespace of its own, the folders of programs are
 * replaced by ones full of links to all of them but this. (A file that is only hidden by another cannot be run, which
 * is not the same as not being there.)
 */
function without(program: string): string[] {
  const { dir } = scratch('without');
  chmodSync(dir, 0o755);
  const script = `
    set -e
    elsewhere=$1 missing=$2; shift 2
    mount --bind /usr "$elsewhere"
    PATH=$elsewhere/sbin:$elsewhere/bin
    for folder in sbin bin; do
      mount -t tmpfs -o mode=755 tmpfs "/usr/$folder"
      ln -s -t "/usr/$folder" "$elsewhere/$folder"/*
      rm -f "/usr/$folder/$missing"
    done
    PATH=/usr/sbin:/usr/bin
    exec "$@"`;
  return ['unshare', '--mount', 'sh', '-c', script, 'sh', dir, program];
}
