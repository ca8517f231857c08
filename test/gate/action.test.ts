import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { stringify } from 'smol-toml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SYSTEM_ENVIRONMENT } from '../../server-helper/system-environment.ts';
import { oneTimeSequence, timeStepAt } from '../../src/sequence/one-time.ts';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import { formatKey } from '../../src/spa/keys.ts';
import { SLOTS } from '../../src/spa/tags.ts';
import { figure } from '../rig/figure.ts';
import { CLIENT4, CLIENT6, exec, run, TARGET4, TARGET6 } from '../rig/netns.ts';
import { loadNft } from '../rig/nft.ts';
import { end, sleep } from '../rig/process.ts';
import { makeScanner, type Scan, type Scanner } from '../rig/scanner.ts';
import { CLIENT, HOST, Scene } from '../rig/scene.ts';
import { sendSteps } from '../rig/steps.ts';

/** A user that every Debian has, and that is neither root nor the daemon. */
const USER = 'games';
/**
 * Sequences of the gate. The first is like one of knockd's: its command is an action, and it opens nothing. The other opens
 * ports as well.
 */
const BELL = ['tcp/7003', 'udp/7001', 'tcp/7005'];
const DOOR = ['tcp/7103', 'udp/7101', 'tcp/7105'];
/** The key of the client's one-time sequences. */
const KEY = new Uint8Array(32).fill(9);
/**
 * The number of forged addresses that send the same sequence, how often the last one sends it, and how often its action may
 * run.
 */
const FORGED = { sources: 40, times: 5000, most: 25 };
/** Texts in which a shell would expand something. */
const MEAN = [`a b; touch "$0".hacked $(id) \`id\` | & > < * ? ~ ! # \\ ' "`, '-rf', '', '$HOME', '{}'];

describe('an action', () => {
  let scene: Scene;
  let unit: ReturnType<typeof exec>;
  let scanner: Scanner;
  const out = () => join(scene.gate.dir, 'out');

  beforeAll(async () => {
    scanner = await makeScanner();
    scene = await Scene.make({ name: 'action', start: false });
    const { gate } = scene;
    const uid = Number((await run(scene.pair.target, ['id', '-u', USER])).stdout);
    mkdirSync(out());
    chownSync(out(), uid, 0);
    const program = join(gate.dir, 'program');
    // Writes its other arguments into the file that the first one names, in one step.
    const lines = [
      '{ id -u; id -g; id -G; env -0 | tr "\\0\\n" "\\n "; echo --; printf "%s\\0" "$@"; } > "$1.part"',
      'mv "$1.part" "$1"',
    ];
    writeFileSync(program, `#!/bin/sh\n${lines.join('\n')}\nexit 3\n`);
    chmodSync(program, 0o755);
    const action = (name: string, phase: string, words: readonly string[]) => [
      program,
      join(out(), `${name}.${phase}`),
      ...words,
    ];
    const told = ['{source}', '{client}', 'for {seconds}s'];
    const keyFile = join(gate.dir, 'sequence-key');
    writeFileSync(keyFile, `${formatKey(KEY)}\n`, { mode: 0o640 });
    gate.give(keyFile);
    const once = { sequence_key_file: keyFile, sequence_action: 'chime' };
    const table = {
      gate: { knock_ports: [443], slots: SLOTS.most, grant: 2 },
      client: [{ ...scene.entry, actions: ['wake', 'hang', 'chime'], ...once }],
      sequence: [{ name: 'door', steps: DOOR, action: 'ring', ports: ['tcp/22'], grant: 20 }],
      action: [
        {
          name: 'wake',
          user: USER,
          open: action('wake', 'open', [...told, ...MEAN]),
          close: action('wake', 'close', told),
        },
        { name: 'hang', user: USER, open: ['/bin/sleep', '1000'], timeout: 1 },
        { name: 'other', user: USER, open: action('other', 'open', []) },
        { name: 'ring', user: USER, open: action('ring', 'open', told) },
        { name: 'chime', user: USER, open: action('chime', 'open', told) },
      ],
    };
    const knockd = join(gate.dir, 'knockd.conf');
    const command = `${program} ${join(out(), 'bell.open')} %IP%`;
    writeFileSync(knockd, `[bell]\n\tsequence = 7003,7001:udp,7005\n\tcommand = ${command}\n`);
    gate.give(knockd);
    const { stdout: bell } = await gate.cli(['import-knockd', knockd]);
    gate.configureText(`${stringify(table)}\n${bell.replace('"nobody"', `"${USER}"`)}`);
    // Only root may let a program run as another user.
    for (const path of [gate.dir, gate.configFile]) chownSync(path, 0, 0);
    chmodSync(gate.configFile, 0o644);
    unit = startUnit();
    for (let tries = 0; !existsSync(socketPath()) && tries < 400; tries++) await sleep(25);
    chmodSync(socketPath(), 0o666);
    await gate.start();
    // Pretends that the gate was armed minutes ago: for a new table, nobody knows which one-time sequences were used before.
    await loadNft(scene.pair.target, 'flush set inet knockgate sequence_used');
    await gate.restart();
  });
  afterAll(async () => {
    if (unit !== undefined) await end(unit);
    await scene?.end();
    scanner?.discard();
  });

  it('runs as its user, with every word as it is written, and its counterpart when the time is over', async () => {
    const since = scene.gate.events.length;
    const asked = await scene.client.json(['knock', HOST, '--action', 'wake']);
    expect([asked.code, asked.json]).toMatchObject([0, { open: null }]);
    const ran = await scene.gate.audit(({ event }) => event.startsWith('action-'), 20_000, since);
    expect(ran).toMatchObject({ event: 'action-failed', client: CLIENT, action: 'wake', detail: 'open: exit 3' });
    const source = String(ran.source);
    const open = seen('wake.open');
    const uid = (await run(scene.pair.target, ['id', '-u', USER])).stdout.trim();
    const gid = (await run(scene.pair.target, ['id', '-g', USER])).stdout.trim();
    expect([open.uid, open.gid, open.groups]).toEqual([uid, gid, gid]);
    // What dash adds by itself does not count.
    const environment = open.environment.filter((line) => !/^(PWD|SHLVL|OLDPWD|_)=/.test(line));
    expect(environment.sort()).toEqual(
      Object.entries(SYSTEM_ENVIRONMENT)
        .map((pair) => pair.join('='))
        .sort(),
    );
    expect(open.words).toEqual([source, CLIENT, 'for 2s', ...MEAN]);
    await scene.gate.audit(({ detail }) => detail === 'close: exit 3', 20_000, since);
    expect(seen('wake.close').words).toEqual([source, CLIENT, 'for 2s']);
    expect(await scene.isOpen()).toBe(false);
  });

  it('is ended when it takes too long', async () => {
    const since = scene.gate.events.length;
    await scene.send(scene.seal({ action: 'hang' }));
    expect(await scene.gate.audit(({ action }) => action === 'hang', 20_000, since)).toMatchObject({
      event: 'action-failed',
      detail: 'open: it was killed, or its timeout was over',
    });
  });

  it('that the client may not ask for is refused by the daemon, and by the unit if somebody controls the daemon', async () => {
    const since = scene.gate.events.length;
    await scene.send(scene.seal({ action: 'other' }));
    expect(await scene.gate.audit(({ event }) => event === 'refused', 20_000, since)).toMatchObject({
      reason: 'denied',
      detail: 'no action of that name',
    });
    const lines = [
      `knockgate1 action other open 192.0.2.1 30 ${CLIENT}`,
      `knockgate1 action wake open 192.0.2.1;id 30 ${CLIENT}`,
      `knockgate1 action wake open 192.0.2.1 30 mallory`,
      'knockgate1 action wake open 192.0.2.1 30 bell',
      `knockgate1 action hang close 192.0.2.1 30 ${CLIENT}`,
      '/bin/sh -c id',
    ];
    const answers = await Promise.all(lines.map(askUnit));
    expect(answers).toEqual([
      'refused gate.toml has no such action for this client\n',
      'refused this is not a request\n',
      'refused gate.toml has no such action for this client\n',
      'refused gate.toml has no such action for this client\n',
      'refused the action has no command to close\n',
      'refused this is not a request\n',
    ]);
    expect(existsSync(join(out(), 'other.open'))).toBe(false);
    chmodSync(scene.gate.configFile, 0o666);
    expect(await askUnit(`knockgate1 action wake open 192.0.2.1 30 ${CLIENT}`)).toMatch(
      /^refused .*writable by users other than root/,
    );
    chmodSync(scene.gate.configFile, 0o644);
  });

  it('bound to a sequence of ports runs once for it, by the real knock, and not for other orders or scans', async () => {
    const since = scene.gate.events.length;
    for (const steps of [BELL.toReversed(), [BELL[0], 'tcp/7004', BELL[1], BELL[2]], [BELL[1], BELL[0], BELL[2]]])
      await walk(steps.map(String));
    const ports = Uint16Array.from({ length: 200 }, (_, i) => 6950 + i);
    for (const each of [ports, ports.toReversed()])
      await scanner.scan(scene.pair.client, [
        { protocol: 'tcp', ports: each },
        { protocol: 'udp', ports: each },
      ]);
    const steps = ['7003', '7001:udp', '7005'];
    expect(await run(scene.pair.client, ['knock', '-d', '20', TARGET4, ...steps])).toMatchObject({ code: 0 });
    // A SYN that is sent again.
    await walk([String(BELL[2])]);
    expect(await scene.gate.audit(({ client }) => client === 'bell', 20_000, since)).toMatchObject({
      event: 'action-failed',
      action: 'bell',
      source: CLIENT4,
      detail: 'open: exit 3',
    });
    expect(seen('bell.open').words).toEqual([CLIENT4]);
    expect(await scene.isOpen()).toBe(false);
    await walk(DOOR, TARGET6);
    await scene.gate.audit(({ client }) => client === 'door', 20_000, since);
    expect(clientsSince(since)).toEqual(['bell', 'door']);
    expect(seen('ring.open').words).toEqual([CLIENT6, 'door', 'for 20s']);
  });

  it('of a one-time sequence is run once, and not for somebody who saw it', async () => {
    const { steps } = oneTimeSequence(nodeCrypto, KEY, CLIENT, timeStepAt(Date.now()));
    const since = scene.gate.events.length;
    await walk(steps.map(({ protocol, port }) => `${protocol}/${port}`));
    expect(await scene.gate.audit(({ action }) => action === 'chime', 20_000, since)).toMatchObject({
      client: CLIENT,
      source: CLIENT4,
      detail: 'open: exit 3',
    });
    expect(seen('chime.open').words).toEqual([CLIENT4, CLIENT, 'for 2s']);
    await scanner.scan(scene.pair.client, scansOf(steps.map(({ port }) => `udp/${port}`)), '192.0.2.77');
    await scanner.scan(scene.pair.client, scansOf(BELL), '192.0.2.77');
    await scene.gate.audit(({ source }) => source === '192.0.2.77', 20_000, since);
    expect(clientsSince(since)).toEqual([CLIENT, 'bell']);
  });

  it('of a sequence does not run while the daemon is dead, nor later; the ports of the sequence open', async () => {
    const since = scene.gate.events.length;
    await scene.gate.kill9();
    rmSync(join(out(), 'ring.open'));
    await loadNft(scene.pair.target, 'flush set inet knockgate sequence_granted4');
    expect(await scene.isOpen()).toBe(false);
    await walk(DOOR);
    expect(await scene.isOpen()).toBe(true);
    await scene.gate.restart();
    await scanner.scan(scene.pair.client, scansOf(BELL), '192.0.2.78');
    await scene.gate.audit(({ client }) => client === 'bell', 20_000, since);
    expect(clientsSince(since)).toEqual(['bell']);
    expect(seen('bell.open').words).toEqual(['192.0.2.78']);
    expect(existsSync(join(out(), 'ring.open'))).toBe(false);
  });

  it('of a sequence from very many forged addresses runs a few times only, and our own message gets through', async () => {
    const since = scene.gate.events.length;
    for (let i = 0; i < FORGED.sources; i++) await scanner.scan(scene.pair.client, scansOf(BELL), `192.0.2.${100 + i}`);
    const again = Array.from({ length: FORGED.times }, () => scansOf(BELL)).flat();
    const sent = await scanner.scan(scene.pair.client, again, '192.0.2.99');
    await scene.send(scene.seal({ ports: [{ protocol: 'tcp', port: 22 }] }));
    await scene.gate.audit(({ event }) => event === 'granted', 20_000, since);
    await scene.gate.audit(({ client }) => client === 'bell', 20_000, since);
    const told = actionsSince(since).filter(({ client }) => client === 'bell').length;
    figure(
      `a fixed sequence sent from ${FORGED.sources} forged addresses, and ${sent} packets of it from one: its action was asked for ${told} times`,
    );
    expect(told).toBeLessThanOrEqual(FORGED.most);
    // What such rules count by themselves does not change the table.
    expect(scene.gate.events.map(({ event }) => event)).not.toContain('firewall-lost');
  });

  function walk(steps: readonly string[], host = TARGET4): Promise<void> {
    return sendSteps(scene.pair.client, host, steps);
  }

  /** Clients of the actions that sequences and messages ran, in order. */
  function clientsSince(since: number) {
    return actionsSince(since).map(({ client }) => client);
  }

  function actionsSince(since: number) {
    return scene.gate.events.slice(since).filter(({ event }) => event.startsWith('action-'));
  }

  /** As systemd does it for knockgate-action.socket: one process for each connection. */
  function startUnit() {
    const program = [process.execPath, 'dist/knockgated.cjs', 'run-action', '--config', scene.gate.configFile];
    const argv = ['systemd-socket-activate', '--accept', '--inetd', '-l', socketPath(), ...program];
    return exec(scene.pair.target, argv, { stdio: ['ignore', 'ignore', 'ignore'] });
  }

  function socketPath(): string {
    return `${scene.gate.runtimeDir}-action`;
  }

  /** Sends a line to the unit. @returns its answer */
  function askUnit(line: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(socketPath());
      let text = '';
      socket.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      socket.on('end', () => resolve(text)).on('error', reject);
      socket.write(`${line}\n`);
    });
  }

  /** Text that the program wrote down. */
  function seen(name: string) {
    const [head = '', words = ''] = readFileSync(join(out(), name), 'utf8').split('--\n');
    const [uid, gid, groups, ...environment] = head.trimEnd().split('\n');
    return { uid, gid, groups, environment, words: words.split('\0').slice(1, -1) };
  }
});

function scansOf(steps: readonly string[]): Scan[] {
  return steps.map((step) => {
    const [protocol, port] = step.split('/');
    return { protocol: protocol === 'udp' ? 'udp' : 'tcp', ports: [Number(port)] };
  });
}
