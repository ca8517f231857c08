import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { stringify } from 'smol-toml';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseAddress } from '../../src/base/addresses.ts';
import { SLOTS } from '../../src/spa/tags.ts';
import { until } from '../rig/deployment.ts';
import { Line } from '../rig/inner.ts';
import { CLIENT4, CLIENT6, exec, run, TARGET4, TARGET6 } from '../rig/netns.ts';
import { setElements } from '../rig/nft.ts';
import { Scene } from '../rig/scene.ts';

const DECOY = 2222;
const STRANGER4 = '192.0.2.77';
const STRANGER6 = '2001:db8::77';
/** Another stranger, who is granted later. */
const GUEST = '192.0.2.78';
const SSH = /^SSH-2\.0-/;
/** Seconds in which a system sends its SYN three times: at once, after 1 and after 3 s. */
const THREE_SYNS = 4;

describe('a hidden port that leads strangers to a decoy', () => {
  let scene: Scene;
  let decoy: ChildProcess;
  const lines: Line[] = [];

  beforeAll(async () => {
    scene = await Scene.make({
      name: 'decoy',
      clientAddresses: [`${STRANGER4}/24`, `${GUEST}/24`, `${STRANGER6}/64`],
      start: false,
    });
    // It tells each visitor the address that it sees, and sends back what it hears.
    const mirror = new URL('../rig/helpers/tcp-mirror.mjs', import.meta.url).pathname;
    decoy = exec(scene.pair.target, [process.execPath, mirror, String(DECOY)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (decoy.stdout !== null) await once(decoy.stdout, 'data');
    scene.gate.configureText(configuration(true));
    await scene.gate.start();
  }, 30_000);
  afterEach(() => {
    for (const line of lines.splice(0)) line.end();
  });
  afterAll(async () => {
    decoy?.kill('SIGKILL');
    await scene?.end();
  });

  it.each([
    ['IPv4', STRANGER4, TARGET4],
    ['IPv6', STRANGER6, TARGET6],
  ])('leads a stranger there over %s, and tells the log who came, once', async (_, stranger, host) => {
    const since = scene.gate.events.length;
    const line = visit(host, stranger);
    expect(await line.hear()).toBe(stranger);
    const noted = await scene.gate.audit(({ event }) => event === 'decoy-visited', 10_000, since);
    expect(noted).toMatchObject({ source: stranger, ports: ['tcp/22'] });
    expect(noted).not.toHaveProperty('detail');
    expect(await greeting(stranger, host)).toBe(stranger);
    await scene.status();
    expect(scene.gate.events.slice(since).filter(({ event }) => event === 'decoy-visited')).toHaveLength(1);
  });

  it('hides the port of the decoy itself', async () => {
    expect(await greeting(STRANGER4, TARGET4, DECOY)).toBe('');
    expect(await greeting(STRANGER6, TARGET6, DECOY)).toBe('');
  });

  it('lets a client in, and drops what it sends without a grant', async () => {
    for (const [own, host] of [
      [CLIENT4, TARGET4],
      [CLIENT6, TARGET6],
    ] as const) {
      expect(await scene.outcome(scene.seal({ to: host }), { host, source: own })).toMatchObject({
        event: 'granted',
        source: own,
      });
      expect(await greeting(own, host)).toMatch(SSH);
      await scene.gate.cli(['flush']);
      expect(await greeting(own, host)).toBe('');
    }
  });

  it('lets a visitor in that is granted later, and leaves its visit alone', async () => {
    expect(await greeting(GUEST)).toBe(GUEST);
    const line = visit(TARGET4, GUEST);
    expect(await line.hear()).toBe(GUEST);
    expect((await scene.gate.cli(['grant', GUEST])).code).toBe(0);
    expect(await greeting(GUEST)).toMatch(SSH);
    line.say('still there');
    expect(await line.hear()).toBe('still there');
    await scene.gate.cli(['flush']);
    expect(await greeting(GUEST)).toBe(GUEST);
  });

  it('is gone with the configuration, and there again with it', async () => {
    await reconfigure(false);
    expect(await table()).not.toMatch(/decoy|redirect|nat hook/);
    expect(await greeting(STRANGER4)).toBe('');
    await reconfigure(true);
    expect(await greeting(STRANGER4)).toBe(STRANGER4);
  });

  it('is put back after a flush', async () => {
    // On a busy machine the gate looks once a minute.
    const since = scene.gate.events.length;
    await run(scene.pair.target, ['nft', 'delete', 'table', 'inet', 'knockgate']);
    await scene.gate.audit(({ event }) => event === 'firewall-restored', 90_000, since);
    expect(await greeting(STRANGER4)).toBe(STRANGER4);
  });

  it('can be saved and loaded again', async () => {
    const checked = await run(scene.pair.target, ['sh', '-c', 'nft list ruleset | nft -c -f -']);
    expect(checked).toMatchObject({ code: 0, stderr: '' });
  });

  it('leads no client of a known address astray, also when the gate is set anew and its daemon is dead', async () => {
    await scene.outcome(scene.seal({ source: parseAddress(CLIENT4) }));
    await until('the address is known', async () => (await spared()).includes(CLIENT4), 10_000);
    for (const withDecoy of [false, true]) await reconfigure(withDecoy);
    expect(await spared()).toContain(CLIENT4);
    await scene.gate.cli(['flush']);
    await scene.gate.kill9();
    // What its knock has told the kernel.
    await run(scene.pair.target, ['nft', 'flush', 'set', 'inet', 'knockgate', 'decoy_knocked4']);
    expect(await greeting(CLIENT4)).toBe('');
    expect(await greeting(STRANGER4)).toBe(STRANGER4);
    await scene.gate.start();
  });

  /** A connection that stays. */
  function visit(host: string, source: string): Line {
    const line = new Line(scene.pair.client, host, 22, source);
    lines.push(line);
    return line;
  }

  /** The first line that an address hears at a port, or nothing. */
  async function greeting(source: string, host: string = TARGET4, port = 22): Promise<string> {
    const script = `const s = require('net').connect({ host: '${host}', port: ${port}, localAddress: '${source}' });
      s.once('data', (data) => { process.stdout.write(data.toString().split(/[\\r\\n]/)[0]); process.exit(); });
      s.on('error', () => {});
      setTimeout(() => process.exit(), ${THREE_SYNS * 1000});`;
    return (await run(scene.pair.client, [process.execPath, '-e', script])).stdout;
  }

  /** Addresses that the daemon has told the kernel. */
  async function spared(): Promise<unknown[]> {
    return (await setElements(scene.pair.target, 'decoy_known4')).map(({ key }) => key[0]);
  }

  async function reconfigure(withDecoy: boolean): Promise<void> {
    scene.gate.configureText(configuration(withDecoy));
    const since = scene.gate.events.length;
    scene.gate.reload();
    await scene.gate.audit(({ event }) => event === 'reloaded', 10_000, since);
  }

  async function table(): Promise<string> {
    const { stdout } = await run(scene.pair.target, ['nft', 'list', 'table', 'inet', 'knockgate']);
    expect(stdout).toContain('chain gate');
    return stdout;
  }

  function configuration(withDecoy: boolean): string {
    const gate = { ports: ['tcp/22'], knock_ports: [443], slots: SLOTS.most };
    const decoys = [{ port: 'tcp/22', to: DECOY }];
    return stringify({ gate, client: [scene.entry], ...(withDecoy && { decoy: decoys }) });
  }
});
