import { createHash } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'smol-toml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { figure } from '../../rig/figure.ts';
import { flood } from '../../rig/flood.ts';
import { base64, type HmacKey, MODE_NAME, runFwknop } from '../../rig/fwknop-client.ts';
import { type AuditLine, Gate } from '../../rig/gate.ts';
import { CLIENT4, createPair, type Pair, TARGET4 } from '../../rig/netns.ts';
import { counters, setElements } from '../../rig/nft.ts';
import { sleep } from '../../rig/process.ts';
import { gridOf, showGrid, stanzasOfGrid } from './grid.ts';

const PORT = 62_201;
const OTHER4 = '192.0.2.66';
const KEYS = { key: 'a key that nobody knows', hmacKey: 'another that nobody knows' };

describe('the real fwknop client at our gate', () => {
  const stanzas = stanzasOfGrid();
  let pair: Pair;
  let gate: Gate;

  beforeAll(async () => {
    pair = await createPair({ name: 'fwknop', clientAddresses: [`${OTHER4}/24`] });
    gate = new Gate(pair.target);
    await gate.enrolmentLine();
    const settings = {
      ports: ['tcp/22', 'tcp/2001-2400'],
      knock_ports: [443],
      fwknop_port: PORT,
      clock_tolerance: 120,
      // The grid comes faster than the usual rate.
      fwknop_rate: 1000,
    };
    const tables = stanzas.map(({ mode, hmac, key, hmacKey }, i) => {
      return { name: `grid-${i}`, key_file: keyFile(`grid-${i}`, key, hmacKey), mode, hmac: hmac ?? 'none' };
    });
    const anybody = [
      { name: 'no-hmac', key_file: keyFile('no-hmac', KEYS.key, undefined), hmac: 'none', any_source: true },
      { name: 'seen', key_file: keyFile('seen', KEYS.key, KEYS.hmacKey), any_source: true },
      {
        name: 'leads',
        key_file: keyFile('leads', `${KEYS.key} 3`, KEYS.hmacKey),
        forwards: ['inner', 'local'],
        actions: ['wake'],
      },
      { name: 'named', key_file: keyFile('named', `${KEYS.key} 2`, KEYS.hmacKey), user: 'alice' },
    ];
    const action = [{ name: 'wake', open: ['/bin/true'], user: 'nobody', command: 'wake $(up); now' }];
    const forward = [
      { name: 'inner', port: 'tcp/40000', to: '10.0.0.5', to_port: 22 },
      { name: 'local', port: 'tcp/40001', to_port: 22 },
    ];
    gate.configureText(stringify({ gate: settings, fwknop: [...tables, ...anybody], action, forward }));
    await gate.start();
    // A packet names whole seconds: one of the second in which the record of replays was made counts as older than it.
    await sleep(1000);
  });
  afterAll(async () => {
    await gate?.dispose();
    pair?.destroy();
  });

  it('opens by every mode, digest and HMAC that it can send', async () => {
    const cells = gridOf(stanzas);
    let refusedByClient = 0;
    for (const { stanza, digest, port } of cells) {
      const { mode, hmac, key, hmacKey } = stanza;
      const ask = ['-A', `tcp/${port}`, '-a', CLIENT4, '-m', digest, '-M', MODE_NAME[mode], '-f', '300'];
      const { code } = await fwknop(ask, key, hmac && { type: hmac, key: hmacKey ?? '' });
      if (code !== 0) refusedByClient += 1;
    }
    const opened = await untilGranted(cells.map(({ port }) => port));
    for (const line of showGrid(cells, opened)) figure(`our gate, fwknop's client: ${line}`);
    const count = cells.filter(({ port }) => opened.has(port)).length;
    figure(
      `our gate, fwknop's client: ${count} of ${cells.length} open, ${refusedByClient} refused by the client itself`,
    );
    expect(cells.filter(({ port }) => !opened.has(port))).toEqual([]);
    expect(cells.length).toBe(287);
  });

  it('says why it refuses a client with the right keys', async () => {
    const hmac = { type: 'sha256', key: KEYS.hmacKey };
    const cases: [ask: string[], key: string, reason: string][] = [
      [['-A', 'tcp/22', '-a', CLIENT4, '-U', 'mallory'], `${KEYS.key} 2`, 'user-mismatch'],
      [['-A', 'tcp/22', '-s', '-U', 'alice'], `${KEYS.key} 2`, 'source-missing'],
      [['-A', 'tcp/9', '-a', CLIENT4], KEYS.key, 'denied'],
      [['-A', 'tcp/22', '-a', CLIENT4, '-N', '10.0.0.5:22'], KEYS.key, 'denied'],
      [['-C', 'id', '-a', CLIENT4], KEYS.key, 'denied'],
      [['-A', 'tcp/22', '-a', CLIENT4, '--time-offset-minus', '200'], KEYS.key, 'clock-skew'],
      [['-A', 'tcp/22', '-a', CLIENT4, '--time-offset-plus', '200'], KEYS.key, 'clock-skew'],
    ];
    for (const [ask, key, reason] of cases) {
      const since = gate.events.length;
      expect((await fwknop(ask, key, hmac)).code).toBe(0);
      expect(await outcome(since)).toMatchObject({ event: 'refused', reason });
    }
  });

  it('takes its NAT, local NAT and commands, where the stanza has them, and no others', async () => {
    const hmac = { type: 'sha256', key: KEYS.hmacKey };
    const nat = ['-A', 'tcp/22', '-a', CLIENT4];
    const cases: [ask: string[], expected: object][] = [
      [[...nat, '-N', '10.0.0.5:22', '--nat-port', '40000'], { ports: ['tcp/40000'], forwards: ['inner'] }],
      [[...nat, '--nat-local', '--nat-port', '40001'], { ports: ['tcp/40001'], forwards: ['local'] }],
      [[...nat, '-N', '10.0.0.6:22', '--nat-port', '40000'], { reason: 'denied', detail: 'forwards: 10.0.0.6,22' }],
      [[...nat, '-N', '10.0.0.5:22', '--nat-port', '40001'], { reason: 'denied', detail: 'forwards: 10.0.0.5,22' }],
      // Nothing runs actions here. The test checks that the daemon asked for it.
      [['-C', 'wake $(up); now', '-a', CLIENT4], { event: 'action-failed', action: 'wake', client: 'leads' }],
      [['-C', 'wake $(up); now; id', '-a', CLIENT4], { reason: 'denied', detail: 'no action of that name' }],
      [['-C', 'wake', '-a', CLIENT4], { reason: 'denied', detail: 'no action of that name' }],
    ];
    for (const [ask, expected] of cases) {
      const since = gate.events.length;
      const done = await fwknop(ask, `${KEYS.key} 3`, hmac);
      expect(done.code, done.stderr).toBe(0);
      expect(await gate.audit(() => true, 10_000, since)).toMatchObject(expected);
    }
    figure(
      `our gate, fwknop's client: ${cases.length} of ${cases.length} of NAT, local NAT and commands decided as configured`,
    );
  });

  it('is not opened by a packet that comes again, whatever is done to its text', async () => {
    const packet = await captured(['-A', 'tcp/22', '-s'], KEYS.key);
    let since = gate.events.length;
    await send(packet, CLIENT4);
    expect(await outcome(since)).toMatchObject({ event: 'granted', client: 'no-hmac', source: CLIENT4 });
    since = gate.events.length;
    const last = packet.at(-1) ?? '';
    const twins = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].filter(
      (each) => each !== last,
    );
    const texts = [
      packet,
      `${packet}=`,
      `${packet}==`,
      `${packet}=AAAA`,
      ...twins.map((each) => packet.slice(0, -1) + each),
    ];
    await send(texts, OTHER4);
    // When this one is accepted, all earlier ones have been checked.
    await fwknop(['-A', 'tcp/22', '-a', CLIENT4], KEYS.key, { type: 'sha256', key: KEYS.hmacKey });
    await gate.audit(({ event }) => event === 'granted', 5000, since);
    const heard = gate.events.slice(since);
    expect(heard.filter(({ event, source }) => event === 'granted' && source === OTHER4)).toEqual([]);
    expect(heard.filter(({ reason }) => reason === 'replayed').length).toBeGreaterThan(0);
    figure(`our gate: ${texts.length} twins of a packet without HMAC sent from elsewhere open nothing`);
  });

  it('is not opened by a packet from the future that comes again, nor after a restart', async () => {
    const ask = ['-A', 'tcp/22', '-s', '--time-offset-plus', '100'];
    const packet = await captured(ask, KEYS.key);
    let since = gate.events.length;
    await send(packet, CLIENT4);
    expect(await outcome(since)).toMatchObject({ event: 'granted', source: CLIENT4 });
    since = gate.events.length;
    await send(packet, OTHER4);
    expect(await outcome(since)).toMatchObject({ event: 'refused', reason: 'replayed', source: OTHER4 });
    await gate.kill9();
    await gate.start();
    since = gate.events.length;
    await send(packet, OTHER4);
    expect(await outcome(since)).toMatchObject({ event: 'refused', reason: 'replayed', source: OTHER4 });
  });

  it('opens while another address floods with packets that look genuine', async () => {
    const junk = (n: number) =>
      `8${createHash('sha512').update(String(n)).digest('base64').repeat(3).replaceAll('=', 'A')}`;
    const bodies = Array.from({ length: 500 }, (_, n) => Buffer.from(junk(n)));
    const before = await dropped();
    const flooded = flood(pair.client, {
      host: TARGET4,
      port: PORT,
      count: 400_000,
      rate: 0,
      bodies,
      source: OTHER4,
    });
    // In the middle of the flood, when the burst that a quiet time allows is used up.
    await expect.poll(dropped, { timeout: 5000 }).toBeGreaterThan(before + 20_000);
    const { code } = await fwknop(['-A', 'tcp/2399', '-a', CLIENT4, '-f', '60'], KEYS.key, {
      type: 'sha256',
      key: KEYS.hmacKey,
    });
    expect(code).toBe(0);
    expect(await untilGranted([2399])).toContain(2399);
    expect((await flooded).sent).toBeGreaterThan(100_000);
  });

  function fwknop(ask: readonly string[], key: string, hmac?: HmacKey, more: readonly string[] = []) {
    return runFwknop(pair.client, gate.dir, [...ask, ...more], key, hmac);
  }

  /** A packet of fwknop's client that was never sent. */
  async function captured(ask: readonly string[], key: string): Promise<string> {
    const { stdout } = await fwknop(ask, key, undefined, ['--test', '-v']);
    const packet = /Final SPA Data: *(\S+)/.exec(stdout)?.[1];
    if (packet === undefined) throw new Error(`fwknop shows no packet: ${stdout}`);
    return packet;
  }

  /** Packets that the kernel did not let through to the daemon. */
  const dropped = async () => (await counters(pair.target)).find(({ name }) => name === 'fwknop_dropped')?.packets ?? 0;

  function send(packets: string | readonly string[], source: string) {
    const bodies = [packets].flat().map((packet) => Buffer.from(packet));
    return flood(pair.client, { host: TARGET4, port: PORT, count: bodies.length, rate: 200, bodies, source });
  }

  const outcome = (since: number): Promise<AuditLine> =>
    gate.audit(({ event }) => event === 'granted' || event === 'refused', 5000, since);

  async function untilGranted(ports: readonly number[]): Promise<Set<number>> {
    for (let tries = 0; ; tries++) {
      const elements = await setElements(pair.target, 'granted4');
      const granted = new Set(elements.filter(({ key }) => key[0] === CLIENT4).map(({ key }) => Number(key[2])));
      if (tries > 20 || ports.every((port) => granted.has(port))) return granted;
      await sleep(100);
    }
  }

  function keyFile(name: string, key: string, hmacKey: string | undefined): string {
    const path = join(gate.dir, name);
    const hmac = hmacKey === undefined ? '' : `HMAC_KEY_BASE64: ${base64(hmacKey)}\n`;
    writeFileSync(path, `KEY_BASE64: ${base64(key)}\n${hmac}`);
    chmodSync(path, 0o640);
    gate.give(path);
    return path;
  }
});
