import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { oneTimeSequence, timeStepAt } from '../../src/sequence/one-time.ts';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import { formatKey } from '../../src/spa/keys.ts';
import { Client } from '../rig/client.ts';
import { clockOff } from '../rig/clock-off.ts';
import { figure } from '../rig/figure.ts';
import { run, TARGET4, TARGET6 } from '../rig/netns.ts';
import { loadNft } from '../rig/nft.ts';
import { nmap } from '../rig/nmap.ts';
import { CLIENT, Scene } from '../rig/scene.ts';
import { sendSteps } from '../rig/steps.ts';

const KEY = new Uint8Array(32).fill(9);
const STEPS = ['tcp/7003', 'udp/7001', 'tcp/7005', 'udp/7002'];

/** A host of that kind, in the hosts file of the scene's client. */
function addHost(scene: Scene, lines: readonly string[]): void {
  const hosts = join(scene.client.configHome, 'knockgate', 'hosts.toml');
  appendFileSync(hosts, `${['', ...lines].join('\n')}\n`);
}

const flushGrants = (scene: Scene) =>
  loadNft(scene.pair.target, 'flush set inet knockgate sequence_granted4; flush set inet knockgate sequence_granted6');

describe('a sequence of ports', () => {
  let scene: Scene;
  const walk = (steps: readonly string[], host = TARGET4, gapMs?: number) =>
    sendSteps(scene.pair.client, host, steps, gapMs);

  beforeAll(async () => {
    const sequences = [
      { name: 'door', steps: STEPS, step_timeout: 1, grant: 20 },
      { name: 'elsewhere', steps: ['tcp/7003', 'udp/7001', 'tcp/9000'], sources: ['198.51.100.0/24'] },
    ];
    scene = await Scene.make({ name: 'sequence', gate: { sequences } });
    // The kernel alone follows them.
    await scene.gate.kill9();
  });
  afterAll(() => scene.end());

  it.each([TARGET4, TARGET6])('opens with the daemon killed, at %s', async (host) => {
    expect(await scene.isOpen(host)).toBe(false);
    await walk(STEPS, host);
    expect(await scene.isOpen(host)).toBe(true);
    await flushGrants(scene);
    expect(await scene.isOpen(host)).toBe(false);
  });

  it.each([
    ['a port too many', ['tcp/7003', 'udp/7001', 'tcp/7004', 'tcp/7005', 'udp/7002']],
    ['a port too few', ['tcp/7003', 'udp/7001', 'udp/7002']],
    ['another order', ['tcp/7003', 'tcp/7005', 'udp/7001', 'udp/7002']],
    ['another protocol', ['tcp/7003', 'tcp/7001', 'tcp/7005', 'tcp/7002']],
    ['the beginning from one, the rest from a network that it is not for', ['tcp/7003', 'udp/7001', 'tcp/9000']],
  ])('stays shut to %s', async (_, steps) => {
    await walk(steps);
    expect(await scene.isOpen()).toBe(false);
  });

  it('stays shut to a client that takes too long', async () => {
    await walk(STEPS, TARGET4, 1200);
    expect(await scene.isOpen()).toBe(false);
  });

  it('takes a packet that is sent again, and a new beginning', async () => {
    await walk(['tcp/7003', 'tcp/7003', 'udp/7001', 'tcp/7003', 'udp/7001', 'udp/7001', 'tcp/7005', 'udp/7002']);
    expect(await scene.isOpen()).toBe(true);
    await flushGrants(scene);
  });

  it.each([TARGET4, TARGET6])('opens to our own client, at %s', async (address) => {
    const name = address.includes(':') ? 'door6' : 'door4';
    addHost(scene, [
      `[${name}]`,
      'kind = "sequence"',
      `address = "${address}"`,
      'steps = "7003 7001:udp 7005:tcp 7002:udp"',
    ]);
    expect((await scene.client.json(['knock', name])).json).toMatchObject({ open: true, address, knocks: 1 });
    expect((await scene.client.json(['knock', name])).json).toMatchObject({ open: true, knocks: 0 });
    await flushGrants(scene);
  });

  it('answers a step as it answers any closed port', async () => {
    const { ports } = await nmap(scene.pair.client, ['-p', '7003,7777', TARGET4]);
    expect(ports.map(({ state, reason }) => `${state} ${reason}`)).toEqual(['closed reset', 'closed reset']);
  });

  it.each(['sequence', 'sequence_end_0'])('is put back when somebody flushes the chain %s', async (chain) => {
    await scene.gate.restart();
    const list = async (name: string) =>
      (await run(scene.pair.target, ['nft', '-s', 'list', 'chain', 'inet', 'knockgate', name])).stdout;
    const before = await list(chain);
    const since = scene.gate.events.length;
    // Chains in which steps end are made anew every minute, and nobody listens for that; but a listing shows them.
    const again = chain === 'sequence' ? '' : `flush chain inet knockgate spa\n${await list('spa')}`;
    await loadNft(scene.pair.target, `flush chain inet knockgate ${chain}\n${again}`);
    await scene.gate.audit(({ event }) => event === 'firewall-restored', 30_000, since);
    expect(await list(chain)).toBe(before);
  });
});

describe('a one-time sequence', () => {
  let scene: Scene;
  /** Another client, with one-time sequences when it has a key for them. */
  const bob: { name: string; key: string; sequence_key_file?: string } = {
    name: 'bob-phone',
    key: formatKey(nodeCrypto.publicKey(new Uint8Array(32).fill(5))),
  };

  const keyFile = () => join(scene.gate.dir, 'sequence-key');
  const entry = () => ({ sequence_key_file: keyFile() });
  const stepsAt = (timeStep: number, client = CLIENT) =>
    oneTimeSequence(nodeCrypto, KEY, client, timeStep).steps.map(({ protocol, port }) => `${protocol}/${port}`);
  const walk = (steps: readonly string[], host = TARGET4) => sendSteps(scene.pair.client, host, steps, 5);
  const opens = async (steps: readonly string[]) => {
    await walk(steps);
    const open = await scene.isOpen();
    await flushGrants(scene);
    return open;
  };

  beforeAll(async () => {
    scene = await Scene.make({ name: 'onetime', start: false, others: [bob] });
    writeFileSync(keyFile(), `${formatKey(KEY)}\n`, { mode: 0o640 });
    scene.gate.give(keyFile());
    scene.configure(entry());
    await scene.gate.start();
    // As if it had been armed for minutes: of a table that is new nobody knows what was used before it.
    await loadNft(scene.pair.target, 'flush set inet knockgate sequence_used');
    await scene.gate.restart();
  });
  afterAll(() => scene.end());

  it('opens once, and the minutes beside it as well', async () => {
    const now = timeStepAt(Date.now());
    for (const timeStep of [now - 1, now, now + 1].filter((each) => Math.abs(timeStepAt(Date.now()) - each) <= 1)) {
      expect(await opens(stepsAt(timeStep))).toBe(true);
      expect(await opens(stepsAt(timeStep))).toBe(false);
    }
    // Nor for somebody else, who saw it.
    await walk(stepsAt(now), TARGET6);
    expect(await scene.isOpen(TARGET6)).toBe(false);
  });

  it('stays shut to what is late, early, in another order, or of another client or key', async () => {
    const now = timeStepAt(Date.now());
    const others: string[][] = [
      stepsAt(now - 3),
      stepsAt(now + 3),
      stepsAt(now + 1).toReversed(),
      stepsAt(now + 1, 'somebody-else'),
      // Two at the same time, from the same address.
      stepsAt(now + 1).flatMap((step, i) => [step, stepsAt(now)[i] ?? '']),
    ];
    for (const steps of others) expect(await opens(steps)).toBe(false);
  });

  it('stays shut to two clients that knock in turns from one address, and opens to both from one each', async () => {
    bob.sequence_key_file = keyFile();
    await scene.reconfigure(entry());
    await loadNft(scene.pair.target, 'flush set inet knockgate sequence_used');
    const inTurns = (timeStep: number) => {
      const steps = stepsAt(timeStep, bob.name);
      return stepsAt(timeStep).map((step, i) => [step, steps[i] ?? ''] as const);
    };
    expect(await opens(inTurns(timeStepAt(Date.now())).flat())).toBe(false);
    for (const [step, ofBob] of inTurns(timeStepAt(Date.now()))) {
      await walk([step]);
      await walk([ofBob], TARGET6);
    }
    expect([await scene.isOpen(), await scene.isOpen(TARGET6)]).toEqual([true, true]);
    await flushGrants(scene);
    delete bob.sequence_key_file;
    await scene.reconfigure(entry());
  });

  it.each([0, 60_000, -60_000])('opens to our own client, whose clock is %i ms ahead, once', async (aheadMs) => {
    const { client, pair } = scene;
    const name = `once${aheadMs}`;
    writeFileSync(join(client.configHome, 'knockgate', name), `${formatKey(KEY)}\n`, { mode: 0o600 });
    const fields = [`address = "${TARGET4}"`, `client = "${CLIENT}"`, `keyFile = "${name}"`];
    addHost(scene, [`[${name}]`, 'kind = "sequence"', ...fields]);
    await loadNft(pair.target, 'flush set inet knockgate sequence_used');
    const off = new Client(pair.client, { configHome: client.configHome, env: clockOff(aheadMs) });
    const { code, json } = await off.json(['knock', name, '--force']);
    expect([code, json]).toMatchObject([0, { open: true, port: 'tcp/22' }]);
    figure(`one-time sequence, clock ${aheadMs / 1000} s ahead: open after ${json?.knocks} knock`);
    await flushGrants(scene);
  });

  it('opens to the documented recipe', async () => {
    const page = readFileSync('docs/sequences.md', 'utf8');
    const script = /```bash\n(.*?)```/s.exec(page)?.[1] ?? '';
    const key = join(scene.gate.dir, 'key-of-the-recipe');
    writeFileSync(key, `${formatKey(KEY)}\n`);
    await loadNft(scene.pair.target, 'flush set inet knockgate sequence_used');
    const { code, stderr } = await run(scene.pair.client, ['bash', '-c', script, 'knock-once', TARGET4, CLIENT, key]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(await scene.isOpen()).toBe(true);
    const grants = JSON.parse((await scene.gate.cli(['list', '--json'])).stdout);
    expect(grants).toMatchObject([{ client: CLIENT, port: 'tcp/22' }]);
    expect(await scene.gate.cli(['revoke', CLIENT])).toMatchObject({ code: 0 });
    expect(await scene.isOpen()).toBe(false);
  });

  it('does not get in the way of ending grants of a range', async () => {
    await scene.reconfigure(entry(), { ports: ['tcp/22', 'tcp/8000-8010'] });
    expect(await scene.outcome(scene.seal())).toMatchObject({ event: 'granted' });
    expect(await scene.gate.cli(['flush'])).toMatchObject({ code: 0, stderr: '' });
    expect(await scene.isOpen()).toBe(false);
    await scene.reconfigure(entry());
  });

  it('leaves nothing in the table once no client may use any, also after a start', async () => {
    await scene.reconfigure({});
    const { stdout } = await run(scene.pair.target, ['nft', 'list', 'ruleset']);
    expect(stdout).not.toContain('sequence');
    await scene.gate.restart();
    expect(await scene.outcome(scene.seal())).toMatchObject({ event: 'granted' });
    await scene.gate.cli(['flush']);
    await scene.reconfigure(entry());
  });

  it('is refused after a flush, when nobody knows which ones were used', async () => {
    const since = scene.gate.events.length;
    await loadNft(scene.pair.target, 'flush ruleset');
    await scene.gate.audit(({ event }) => event === 'firewall-restored', 45_000, since);
    expect(await opens(stepsAt(timeStepAt(Date.now()) + 1))).toBe(false);
  });
});
