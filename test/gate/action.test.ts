import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { stringify } from 'smol-toml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SYSTEM_ENVIRONMENT } from '../../server-helper/system-environment.ts';
import { SLOTS } from '../../src/spa/outer.ts';
import { exec, run } from '../rig/netns.ts';
import { end, sleep } from '../rig/process.ts';
import { CLIENT, HOST, Scene } from './scene.ts';

/** A user that every Debian has, and that is neither root nor the daemon. */
const USER = 'games';
/** What a shell would make something of. */
const MEAN = [`a b; touch "$0".hacked $(id) \`id\` | & > < * ? ~ ! # \\ ' "`, '-rf', '', '$HOME', '{}'];

describe('an action', () => {
  let scene: Scene;
  let unit: ReturnType<typeof exec>;
  const out = () => join(scene.gate.dir, 'out');

  beforeAll(async () => {
    scene = await Scene.make({ name: 'action', start: false });
    const { gate } = scene;
    const uid = Number((await run(scene.pair.target, ['id', '-u', USER])).stdout);
    mkdirSync(out());
    chownSync(out(), uid, 0);
    const program = join(gate.dir, 'program');
    // The first argument says where to; the rest is written down as it came, one file at a stroke.
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
    const table = {
      gate: { knock_ports: [443], slots: SLOTS.most, grant: 2 },
      client: [{ ...scene.entry, actions: ['wake', 'hang'] }],
      action: [
        {
          name: 'wake',
          user: USER,
          open: action('wake', 'open', [...told, ...MEAN]),
          close: action('wake', 'close', told),
        },
        { name: 'hang', user: USER, open: ['/bin/sleep', '1000'], timeout: 1 },
        { name: 'other', user: USER, open: action('other', 'open', []) },
      ],
    };
    gate.configureText(stringify(table));
    // What is run as somebody else is root's to say.
    for (const path of [gate.dir, gate.configFile]) chownSync(path, 0, 0);
    chmodSync(gate.configFile, 0o644);
    unit = startUnit();
    for (let tries = 0; !existsSync(socketPath()) && tries < 400; tries++) await sleep(25);
    chmodSync(socketPath(), 0o666);
    await gate.start();
  });
  afterAll(async () => {
    if (unit !== undefined) await end(unit);
    await scene?.end();
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

  it('that is not the client’s to ask for is refused by the daemon, and by the unit if the daemon is not itself any more', async () => {
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
      `knockgate1 action hang close 192.0.2.1 30 ${CLIENT}`,
      '/bin/sh -c id',
    ];
    const answers = await Promise.all(lines.map(askUnit));
    expect(answers).toEqual([
      'refused gate.toml has no such action for this client\n',
      'refused this is no request\n',
      'refused gate.toml has no such action for this client\n',
      'refused the action has no command to close\n',
      'refused this is no request\n',
    ]);
    expect(existsSync(join(out(), 'other.open'))).toBe(false);
    chmodSync(scene.gate.configFile, 0o666);
    expect(await askUnit(`knockgate1 action wake open 192.0.2.1 30 ${CLIENT}`)).toMatch(/^refused .*changed by others/);
    chmodSync(scene.gate.configFile, 0o644);
  });

  /** As systemd does it for knockgate-action.socket: one process for each connection. */
  function startUnit() {
    const program = [process.execPath, 'dist/knockgated.cjs', 'run-action', '--config', scene.gate.configFile];
    const argv = ['systemd-socket-activate', '--accept', '--inetd', '-l', socketPath(), ...program];
    return exec(scene.pair.target, argv, { stdio: ['ignore', 'ignore', 'ignore'] });
  }

  function socketPath(): string {
    return `${scene.gate.runtimeDir}-action`;
  }

  /** Says a line to the unit, and tells its answer. */
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

  /** What the program wrote down. */
  function seen(name: string) {
    const [head = '', words = ''] = readFileSync(join(out(), name), 'utf8').split('--\n');
    const [uid, gid, groups, ...environment] = head.trimEnd().split('\n');
    return { uid, gid, groups, environment, words: words.split('\0').slice(1, -1) };
  }
});
