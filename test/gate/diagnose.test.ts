import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { StepName } from '../../src/client/diagnose/diagnosis.ts';
import { createKeyFile } from '../../src/client/keys/identity.ts';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import { formatKey } from '../../src/spa/keys.ts';
import { scratch } from '../rig/cleanup.ts';
import { figure } from '../rig/figure.ts';
import type { ClientEntry } from '../rig/gate.ts';
import { hostBehindNat } from '../rig/nat.ts';
import { CLIENT4, run, TARGET4 } from '../rig/netns.ts';
import type { SaidDiagnosis } from '../rig/said-diagnosis.ts';
import { Scene } from '../rig/scene.ts';
import type { Order } from './diagnose-order.ts';

/** One more address of the client's host. */
const OTHER4 = '192.0.2.77';

const CHILD = fileURLToPath(new URL('diagnose-child.ts', import.meta.url));

/** A key of its own, and its entry in gate.toml. */
function makeDevice(keyFile: string, name: string): { readonly keyFile: string; readonly entry: ClientEntry } {
  const privateKey = createKeyFile(keyFile, process.getuid?.() ?? -1, nodeCrypto);
  return { keyFile, entry: { name, key: formatKey(nodeCrypto.publicKey(privateKey)) } };
}

/** The diagnosis runs in the client's namespace, with the code that the editor runs. */
describe('a diagnosis of a real gate', () => {
  const { dir, discard } = scratch('devices');
  // Each test has a device of its own. A device without its ledger would take tags that the gate remembers as used.
  const devices = Array.from({ length: 20 }, (_, i) => makeDevice(join(dir, `device-${i}`), `device-${i}`));
  let scene: Scene;
  let keyFile: string;

  beforeAll(async () => {
    const others = devices.map(({ entry }) => entry);
    scene = await Scene.make({ name: 'diagnose', clientAddresses: [`${OTHER4}/24`], others });
  });
  beforeEach(async () => {
    await scene.gate.cli(['flush']);
    const device = devices.pop();
    if (device === undefined) throw new Error('there are fewer devices than tests');
    keyFile = device.keyFile;
  });
  afterEach(async () => {
    for (const ns of [scene.pair.client, scene.pair.target])
      await run(ns, ['nft', 'delete', 'table', 'inet', 'obstacle']);
  });
  afterAll(async () => {
    await scene?.end();
    discard();
  });

  async function diagnosis(order: Partial<Order> = {}, ns = scene.pair.client): Promise<SaidDiagnosis> {
    const input = JSON.stringify({ line: scene.line, keyFile, ...order } satisfies Order);
    const startedMs = performance.now();
    const argv = [process.execPath, '--import', 'tsx', CHILD];
    const { code, stdout, stderr } = await run(ns, argv, { input, timeout: 60_000 });
    if (code !== 0) throw new Error(`exit ${code}: ${stderr}`);
    const found = JSON.parse(stdout) as SaidDiagnosis;
    figure(`diagnosis: ${found.verdict.code} after ${Math.round(performance.now() - startedMs)} ms`);
    return found;
  }

  /** Drops what fits in a namespace, at a hook. */
  async function block(ns: string, hook: 'output' | 'prerouting', what: string): Promise<void> {
    const chain = `table inet obstacle { chain everything { type filter hook ${hook} priority -400; ${what} drop; }; }\n`;
    const { code, stderr } = await run(ns, ['nft', '-f', '-'], { input: chain });
    if (code !== 0) throw new Error(stderr);
  }

  const finding = ({ steps }: SaidDiagnosis, name: StepName) => steps.find((step) => step.name === name)?.finding;

  it('finds nothing wrong where all is well', async () => {
    const found = await diagnosis();
    expect(found.verdict.code).toBe('open');
    expect(found.steps.map(({ result }) => result)).toEqual(found.steps.map(() => 'ok'));
    expect(finding(found, 'Greeting of sshd')).toMatch(/^`SSH-2\.0-OpenSSH/);
    expect(finding(found, 'After a knock')).toMatch(
      /192\.0\.2\.2 opened.*2001:db8::2 opened|2001:db8::2 opened.*192\.0\.2\.2 opened/,
    );
    // A second one finds the door open, and says from when.
    expect((await diagnosis()).verdict.code).toBe('open-from-before');
  });

  it('cannot tell a gate that is down from one that does not know the key, and lists both', async () => {
    await scene.gate.stop();
    const down = await diagnosis();
    await scene.gate.start();
    const stranger = makeDevice(join(dir, 'stranger'), 'stranger');
    const unknown = await diagnosis({ keyFile: stranger.keyFile });
    for (const { verdict } of [down, unknown]) {
      expect(verdict.code).toBe('silent');
      expect(verdict.next).toMatch(
        /The key.*knockgated client list.*The gate.*knockgated status.*The clock.*were tried/s,
      );
    }
    expect(finding(unknown, 'Before any knock')).toContain('is silent, as a closed gate is');
  });

  it.each([
    ['an hour ahead', 3_600_000, /about 1 h behind/],
    ['four minutes ahead', 240_000, /about 4 min behind/],
  ])('names the clock that is %s', async (_, clockMs, said) => {
    expect((await diagnosis({ clockMs })).verdict).toMatchObject({ code: 'clock', what: expect.stringMatching(said) });
    // What it found is in the ledger: the next knock opens.
    await scene.gate.cli(['flush']);
    expect((await diagnosis({ clockMs })).verdict.code).toBe('open');
  });

  it('does not try whether its clock is behind: that takes knocks dated in the future', async () => {
    const { verdict } = await diagnosis({ clockMs: -3_600_000 });
    expect(verdict).toMatchObject({
      code: 'silent',
      next: expect.stringContaining('A clock that is behind was not'),
    });
  });

  it('names the knock port that this computer does not let out', async () => {
    await block(scene.pair.client, 'output', 'udp dport 443');
    const found = await diagnosis();
    expect(found.verdict).toMatchObject({ code: 'knock-port-blocked', next: expect.stringContaining('[62201]') });
    expect(finding(found, 'Knock ports')).toMatch(/UDP 443: it could not be sent \(EPERM\)/);
  });

  it('names the firewall of this computer when it lets no knock out', async () => {
    await block(scene.pair.client, 'output', 'udp dport { 443, 62201 }');
    expect((await diagnosis()).verdict.code).toBe('own-firewall');
  });

  it('names the knock port that is blocked on the way', async () => {
    await block(scene.pair.target, 'prerouting', 'udp dport 443');
    expect((await diagnosis()).verdict.code).toBe('knock-port-blocked');
  });

  it('names the family that does not get through', async () => {
    await block(scene.pair.target, 'prerouting', 'meta nfproto ipv6 udp dport { 443, 62201 }');
    const { verdict } = await diagnosis();
    expect(verdict).toMatchObject({ code: 'family-shut', what: expect.stringContaining('not at 2001:db8::2') });
  });

  it('names the NAT that sends UDP and TCP from different addresses, where the gate opens for the wrong one', async () => {
    const behind = await hostBehindNat(scene.pair, { udp: CLIENT4, tcp: OTHER4 });
    try {
      const since = scene.gate.events.length;
      const { verdict } = await diagnosis({ address: TARGET4 }, behind.ns);
      // What the verdict tells to look for is what the gate's log says.
      const granted = await scene.gate.audit(({ event }) => event === 'granted', 1000, since);
      expect(granted.source).toBe(CLIENT4);
      expect(verdict.code).toBe('silent');
      expect(verdict.next).toMatch(
        /\*\*The NAT\.\*\* 10\.9\.0\.2 is a private address.*UDP and TCP from different addresses.*`granted` with a `source`.*tcp\/22/,
      );
    } finally {
      behind.destroy();
    }
  });

  it('finds nothing wrong behind a NAT of one address', async () => {
    const behind = await hostBehindNat(scene.pair, { udp: OTHER4, tcp: OTHER4 });
    try {
      expect((await diagnosis({ address: TARGET4 }, behind.ns)).verdict.code).toBe('open');
    } finally {
      behind.destroy();
    }
  });

  it('says that a name is unknown', async () => {
    expect((await diagnosis({ address: 'gate.invalid' })).verdict.code).toBe('name-not-found');
  });

  it('names a missing route', async () => {
    expect((await diagnosis({ address: '203.0.113.9' })).verdict.code).toBe('no-route');
  });

  it('names a service that is down, last of all', async () => {
    await scene.sshd.stop();
    expect((await diagnosis()).verdict.code).toBe('service-down');
  });
});
