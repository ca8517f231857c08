import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Prober } from '../../bench/prober.ts';
import { KNOCKERS } from '../../bench/turns.ts';
import { parseGateLine } from '../../src/spa/enrolment.ts';
import { Clients } from '../rig/clients.ts';
import { until } from '../rig/deployment.ts';
import { figure } from '../rig/figure.ts';
import { TARGET4 } from '../rig/netns.ts';
import { Installed } from './installed.ts';

/** The package comes with it. */
const KNOCK_PORT = 443;
const [HOME = '', ELSEWHERE = '', ANYWHERE = ''] = KNOCKERS;

/** The kernel has forgotten which tags were used, and they are current still. */
describe('a gate whose power went, and came back within the minute', () => {
  let gate: Installed;
  let prober: Prober;
  const clients = new Clients(2);
  const captured: { what: string; source: string; datagram: Uint8Array }[] = [];
  /** Whether a knock opens the port for its sender within so many milliseconds. */
  const opens = async (source: string, datagram: Uint8Array, within = 10_000) => {
    const knock = { kind: 'udp', port: KNOCK_PORT, datagram } as const;
    return (await prober.measure(source, knock, within)).ms !== undefined;
  };
  const replayed = async () => {
    const opened: string[] = [];
    for (const { what, source, datagram } of captured)
      for (const from of [source, ANYWHERE]) if (await opens(from, datagram, 300)) opened.push(`${what} from ${from}`);
    return opened;
  };
  /** The kernel has been given the tags that are bound to HOME. */
  const isKnown = async () => {
    const tag = Buffer.from(clients.firstTag(0, HOME)).toString('hex');
    return (await gate.target.run(['nft', 'get', 'element', 'inet', 'knockgate', 'tags', `{ 0x${tag} }`])).code === 0;
  };

  beforeAll(async () => {
    gate = await Installed.armed({
      name: 'replay',
      clientAddresses: KNOCKERS.slice(0, 3).map((address) => `${address}/24`),
    });
    const line = await gate.daemon('key', '--address', TARGET4, '--name', 'target');
    clients.enrol(parseGateLine(line.trim()).key);
    for (const { name, key } of clients.entries) await gate.daemon('client', 'add', `knockgate1 client ${key} ${name}`);
    prober = await Prober.start(gate.target.pair.client);
    expect(await opens(HOME, clients.seal(0, { from: HOME }))).toBe(true);
    await gate.shut();
    await until('the address is known', isKnown, 30_000);
    // The rules are saved as they are, with tags that nobody has used yet.
    await gate.target.must(['sh', '-c', 'nft list ruleset >/etc/nftables.conf && systemctl enable nftables']);
  });

  afterAll(async () => {
    await prober?.stop();
    await gate?.end();
  });

  it('opens to no knock that was captured before, while it boots and afterwards', async () => {
    captured.push({ what: 'bound', source: HOME, datagram: clients.seal(0, { kind: 'bound', from: HOME }) });
    captured.push({ what: 'ordinary', source: ELSEWHERE, datagram: clients.seal(1) });
    for (const { source, datagram } of captured) expect(await opens(source, datagram)).toBe(true);
    const start = performance.now();
    await gate.target.powerCycle();
    expect(await replayed()).toEqual([]);
    await until(
      'the gate is up',
      async () => (await gate.mainPid()) !== undefined && (await gate.status()).armed !== null,
      60_000,
    );
    expect(await replayed()).toEqual([]);
    const seconds = (performance.now() - start) / 1000;
    figure(`power cut: captured knocks were sent again until ${seconds.toFixed(1)} s after it, none opened`);
  });

  it('and lets in those who knock anew', async () => {
    expect(await opens(HOME, clients.seal(0, { from: HOME }))).toBe(true);
  });
});
