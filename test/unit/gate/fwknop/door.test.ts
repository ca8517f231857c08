import { describe, expect, it, vi } from 'vitest';
import { formatAddress } from '../../../../src/base/addresses.ts';
import { nodeFwknopCrypto } from '../../../../src/fwknop/crypto-node.ts';
import type { FwknopMessage } from '../../../../src/fwknop/message.ts';
import { sealPacket } from '../../../../src/fwknop/packet.ts';
import { address, FakeClock, loadedFrom, problemOf, SOURCE, temporaryFolder } from '../support.ts';
import { openDoor } from './support.ts';

const GATE = '[gate]\nknock_ports = [443]\nfwknop_port = 62201\n';
const PHONES = '[[fwknop]]\nname = "phones"\nkey_file = "/k"\n';
const BARE = '[[fwknop]]\nname = "bare"\nkey_file = "/k"\nhmac = "none"\nany_source = true\n';

/** A door, and a function that seals packets for its stanzas. */
async function doorOf(text: string, clock = new FakeClock(), folder = temporaryFolder()) {
  const loaded = loadedFrom(text);
  const opened = await openDoor(loaded, clock, folder);
  const seal = (change: Partial<FwknopMessage> = {}, stanza = 0) => {
    const keys = loaded.fwknop[stanza]?.keys;
    if (keys === undefined || 'configured' in keys) throw new Error('no such stanza');
    return Buffer.from(sealPacket(nodeFwknopCrypto, keys, opened.plaintextOf(change)));
  };
  return { ...opened, seal };
}

describe('packets of fwknop', () => {
  it('open for the address that they name, wherever they come from, for as long as the policy lets them', async () => {
    const { seal, hear, firewall, door } = await doorOf(GATE + PHONES);
    expect(await hear(seal({ timeout: 1000 }))).toMatchObject([
      { event: 'granted', client: 'phones', source: '203.0.113.7', ports: ['tcp/22'], seconds: 300 },
    ]);
    expect((await firewall.list()).map((grant) => formatAddress(grant.address))).toEqual(['203.0.113.7']);
    expect(await hear(seal())).toMatchObject([{ event: 'granted', seconds: 30 }]);
    await door.stop();
  });

  it('get the time of the stanza, also above the most that they can ask for', async () => {
    const text = `${GATE}longest_grant = 900\n${PHONES}grant = 600\nlongest_grant = 100\n`;
    const { seal, hear, door } = await doorOf(text);
    expect(await hear(seal({ timeout: 700 }))).toMatchObject([{ event: 'granted', seconds: 100 }]);
    expect(await hear(seal())).toMatchObject([{ event: 'granted', seconds: 600 }]);
    await door.stop();
  });

  it('are refused when they may not, with the reason', async () => {
    const { seal, hear, ignore, clock, firewall } = await doorOf(
      `${GATE}${PHONES}user = "alice"\nsources = ["198.51.100.0/24", "203.0.113.0/24"]\n`,
    );
    const seconds = Math.floor(clock.wall() / 1000);
    const ports = [{ protocol: 'tcp' as const, port: 80 }];
    const target = { host: '10.0.0.5', port: 22 };
    const cases: [Partial<FwknopMessage>, string, string?][] = [
      [{ timestamp: seconds - 61 }, 'clock-skew'],
      [{ timestamp: seconds + 61 }, 'clock-skew'],
      [{ user: 'mallory' }, 'user-mismatch'],
      [{ source: undefined }, 'source-missing'],
      [{ source: address('127.0.0.1') }, 'source-mismatch'],
      [{ source: address('192.0.2.1') }, 'denied', 'sources'],
      [{ ask: { kind: 'access', ports } }, 'denied', 'ports: tcp/80'],
      [{ ask: { kind: 'command', command: 'id' } }, 'denied', 'no action of that name'],
      [{ ask: { kind: 'command', command: 'wake' } }, 'denied', 'no action of that name'],
      [{ ask: { kind: 'nat', local: false, ports, target } }, 'denied', 'forwards: 10.0.0.5,22'],
    ];
    for (const [change, reason, detail] of cases) {
      expect(await hear(seal(change))).toMatchObject([{ event: 'refused', reason, ...(detail && { detail }) }]);
    }
    // From that network no stanza accepts it.
    expect(await ignore(seal(), address('192.0.2.1'))).toEqual([]);
    expect(await hear(seal({ timestamp: seconds - 60 }))).toMatchObject([{ event: 'granted' }]);
    expect(await firewall.list()).toHaveLength(1);
  });

  it('with NAT lead where the stanza does, and nowhere else', async () => {
    const forward = '[[forward]]\nname = "inner"\nport = "tcp/10000-65535"\nto = "10.0.0.5"\nto_port = 22\n';
    const { seal, hear } = await doorOf(`${GATE}${PHONES}forwards = ["inner"]\n${forward}`);
    const nat = (host: string, port: number, local = false) =>
      hear(seal({ ask: { kind: 'nat', local, ports: [{ protocol: 'tcp', port: 40_000 }], target: { host, port } } }));
    expect(await nat('10.0.0.5', 22)).toMatchObject([{ event: 'granted', ports: ['tcp/40000'], forwards: ['inner'] }]);
    const others: Parameters<typeof nat>[] = [
      ['10.0.0.6', 22],
      ['10.0.0.5', 23],
      ['10.0.0.5', 22, true],
      ['inner', 22],
    ];
    for (const elsewhere of others)
      expect(await nat(...elsewhere)).toMatchObject([{ event: 'refused', reason: 'denied' }]);
  });

  it('with a command run the action whose command it is, to the letter, and nothing else', async () => {
    const action = '[[action]]\nname = "wake"\nopen = ["/bin/wake"]\nuser = "nobody"\ncommand = "wake $(up); now"\n';
    const { seal, hear, firewall } = await doorOf(`${GATE}${PHONES}actions = ["wake"]\n${action}`);
    const acted = { event: 'acted', action: 'wake', client: 'phones', source: '203.0.113.7', seconds: 30 };
    expect(await hear(seal({ ask: { kind: 'command', command: 'wake $(up); now' } }))).toEqual([acted]);
    for (const command of ['wake', 'wake $(up); now ', 'wake $(up)', '; wake $(up); now'])
      expect(await hear(seal({ ask: { kind: 'command', command } }))).toMatchObject([{ reason: 'denied' }]);
    expect(await firewall.list()).toEqual([]);
  });

  it('are good for once: also from elsewhere, under another HMAC digest, after a restart, with the clock put back', async () => {
    const { seal, hear, clock, door, folder } = await doorOf(GATE + PHONES);
    const packet = seal({ timestamp: Math.floor(clock.wall() / 1000) + 60 });
    expect(await hear(packet)).toMatchObject([{ event: 'granted' }]);
    for (const passed of [0, 60_000, 59_000]) {
      clock.pass(passed);
      expect(await hear(packet, address('192.0.2.1'))).toMatchObject([{ event: 'refused', reason: 'replayed' }]);
    }
    await door.stop();
    const again = await doorOf(GATE + PHONES, clock, folder);
    clock.jump(-100_000);
    expect(await again.hear(packet)).toMatchObject([{ event: 'refused', reason: 'replayed' }]);
    await again.door.stop();
  });

  it('that cannot be written down are granted, since they are younger than the door, and the log says so once', async () => {
    const { seal, hear, door } = await doorOf(GATE + PHONES);
    // Nothing can be written to a file that is closed.
    await door.stop();
    expect(await hear(seal())).toMatchObject([
      { event: 'state-degraded', detail: 'the replay file cannot be written; kept in memory' },
      { event: 'granted' },
    ]);
    expect(door.replay.degraded).toBe(true);
    expect(await hear(seal())).toMatchObject([{ event: 'granted' }]);
  });

  it('are heard when the clock, ahead at start, has been set right', async () => {
    const { seal, hear, clock, door } = await doorOf(GATE + PHONES);
    clock.jump(-7_200_000);
    door.clockWasSet(-7_200_000);
    expect(await hear(seal())).toMatchObject([{ event: 'granted' }]);
    await door.stop();
  });

  it('are bounded in what is remembered, and nothing as old as what was forgotten is taken again', async () => {
    const { seal, hear, clock, door, entries } = await doorOf(GATE + PHONES);
    const first = seal();
    expect(await hear(first)).toMatchObject([{ event: 'granted' }]);
    clock.pass(1000);
    await Promise.all(Array.from({ length: 256 }, () => hear(seal())));
    await vi.waitFor(() => expect(entries).toHaveLength(257), { timeout: 30_000 });
    expect(await hear(first)).toMatchObject([{ event: 'refused', reason: 'replayed' }]);
    expect(await hear(seal({ timestamp: Math.floor(clock.wall() / 1000) - 1 }))).toMatchObject([
      { reason: 'replayed' },
    ]);
    await door.stop();
  }, 60_000);

  it('are good for once whichever stanzas have their key, and under whatever name', async () => {
    // One packet, first from the first stanza's network, then from the second's. The last stanza needs no HMAC, which
    // anybody can cut off.
    const [first, second] = ['198.51.100.0/24', '192.0.2.0/24'].map(
      (from, i) => `[[fwknop]]\nname = "part-${i}"\nkey_file = "/k"\nsources = ["${from}", "203.0.113.0/24"]\n`,
    );
    const text = `${GATE}${first}${second}${BARE}`;
    const { fwknopDoor, seal, hear, door } = await doorOf(text);
    const packet = seal();
    const elsewhere = address('192.0.2.1');
    expect(await hear(packet)).toMatchObject([{ event: 'granted', client: 'part-0' }]);
    expect(await hear(packet, elsewhere)).toMatchObject([{ reason: 'replayed', client: 'part-1' }]);
    const cut = packet.subarray(0, -43);
    expect(await hear(cut, elsewhere)).toMatchObject([{ reason: 'replayed', client: 'bare' }]);
    const renamed = loadedFrom(text.replace('part-0', 'another'));
    await fwknopDoor.reload(renamed, await fwknopDoor.prepare(renamed));
    expect(await hear(packet)).toMatchObject([{ reason: 'replayed', client: 'another' }]);
    await door.stop();
  });

  it('that no key opens are not logged', async () => {
    const { ignore } = await doorOf(GATE + PHONES + BARE);
    for (const text of ['', '8'.repeat(204), '9'.repeat(300), '\0'.repeat(200)])
      expect(await ignore(Buffer.from(text))).toEqual([]);
  });

  it('without HMAC are tried key by key, and admit their sender when the stanza says so', async () => {
    const { hear, seal } = await doorOf(GATE + BARE + PHONES);
    expect(await hear(seal({ source: undefined }))).toMatchObject([
      { event: 'granted', client: 'bare', source: formatAddress(SOURCE) },
    ]);
    expect(await hear(seal({}, 1))).toMatchObject([{ event: 'granted', client: 'phones' }]);
  });

  it('keep what is known over a reload, and ask for a restart when the port changes', async () => {
    const { fwknopDoor, door, seal, hear } = await doorOf(GATE + PHONES);
    const packet = seal();
    await hear(packet);
    const more = loadedFrom(GATE + BARE + PHONES);
    await fwknopDoor.reload(more, await fwknopDoor.prepare(more));
    expect(await hear(packet)).toMatchObject([{ reason: 'replayed', client: 'phones' }]);
    const moved = loadedFrom(`[gate]\nknock_ports = [443]\nfwknop_port = 99\n${PHONES}`);
    expect((await problemOf(() => fwknopDoor.prepare(moved))).code).toBe('restart-needed');
    await door.stop();
  });
});
