import { describe, expect, it } from 'vitest';
import type { Packet } from '../../../../server-helper/capture/packet.ts';
import { boundSources, ordinarySource, PlaceNumbers } from '../../../../server-helper/daemon/tag-sources.ts';
import type { KnownClient } from '../../../../server-helper/verify/known-client.ts';
import { verify } from '../../../../server-helper/verify/verify.ts';
import type { CryptoProvider } from '../../../../src/spa/crypto.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { mask, pairKeys } from '../../../../src/spa/outer.ts';
import type { AccessRequest } from '../../../../src/spa/payload.ts';
import { epochAt } from '../../../../src/spa/tags.ts';
import { ALICE, address, BOB, type Device, GATE_PRIVATE, packetOf, SOURCE, WALL } from '../support.ts';

const knownAs = (name: string, device: Device): KnownClient => ({
  policy: {
    name,
    ports: [],
    sources: [],
    notBefore: undefined,
    notAfter: undefined,
    actions: [],
    forwards: [],
    longestGrant: 300,
    enabled: true,
  },
  pair: pairKeys(nodeCrypto, 'gate', GATE_PRIVATE, device.publicKey),
  profile: 1,
});
const alice = knownAs('alice', ALICE);
const CONTEXT = { crypto: nodeCrypto, gatePrivate: GATE_PRIVATE, toleranceMs: 60_000, now: WALL, addresses: [] };

const opened = (packet: Packet, crypto: CryptoProvider = nodeCrypto) =>
  verify({ ...CONTEXT, crypto }, ordinarySource(alice, false), packet);
const knock = (other: Partial<AccessRequest> = {}, source = SOURCE) =>
  opened(packetOf(ALICE.seal(WALL, 3, other), source));
const flipped = (datagram: Uint8Array, at: number) => datagram.map((byte, i) => (i === at ? byte ^ 1 : byte));

describe('a genuine message', () => {
  it('is taken, with what it asks for', () => {
    const ports = [{ protocol: 'tcp', port: 22 }] as const;
    const result = knock({ duration: 40, ports, source: SOURCE });
    expect(result).toMatchObject({ ok: true, client: alice, request: { timestamp: WALL, duration: 40, ports } });
  });

  it('is known by its last 16 bytes, kept apart from the packet', () => {
    const datagram = Buffer.from(ALICE.seal(WALL, 3));
    const last = Uint8Array.from(datagram.subarray(-16));
    const result = opened(packetOf(datagram));
    datagram.fill(0);
    expect(result).toMatchObject({ ok: true, aeadTag: last });
  });
});

describe('check 2', () => {
  it.each([0, 15, 16, 85, 110, 1233, 1400])('refuses %i bytes as malformed', (length) => {
    expect(opened(packetOf(new Uint8Array(length)))).toEqual({ ok: false, reason: 'malformed', client: alice });
  });
});

describe('check 3', () => {
  it('refuses a change in any part as unauthentic', () => {
    const datagram = ALICE.seal(WALL, 3);
    for (const at of [0, 15, 16, 47, 48, datagram.length - 17, datagram.length - 1])
      expect(opened(packetOf(flipped(datagram, at)))).toEqual({ ok: false, reason: 'unauthentic', client: alice });
  });

  it('refuses a message cut short or made longer', () => {
    const datagram = ALICE.seal(WALL, 3);
    for (const other of [datagram.subarray(0, -1), Buffer.concat([datagram, Buffer.alloc(1)])])
      expect(opened(packetOf(other))).toMatchObject({ ok: false, reason: 'unauthentic' });
  });

  it('refuses a low-order ephemeral key, at which the crypto library throws', () => {
    const forged = Uint8Array.from(ALICE.seal(WALL, 3));
    forged.set(mask(nodeCrypto, alice.pair.maskKey, new Uint8Array(32), forged.subarray(48)), 16);
    const seen: string[] = [];
    const crypto: CryptoProvider = {
      ...nodeCrypto,
      agree: (own, other) => {
        seen.push(Buffer.from(other).toString('hex'));
        return nodeCrypto.agree(own, other);
      },
    };
    expect(opened(packetOf(forged), crypto)).toEqual({ ok: false, reason: 'unauthentic', client: alice });
    expect(seen).toEqual(['00'.repeat(32)]);
  });

  it('refuses the message of another client under this tag', () => {
    const stolen = Uint8Array.from(BOB.seal(WALL, 3));
    stolen.set(ALICE.seal(WALL, 3).subarray(0, 16));
    expect(opened(packetOf(stolen))).toEqual({ ok: false, reason: 'unauthentic', client: alice });
  });
});

describe('check 4', () => {
  it('refuses an authentic message that does not parse, and knows whose it is', () => {
    // The plaintext has another version; everything else is valid.
    const crypto: CryptoProvider = {
      ...nodeCrypto,
      open: (...given) => nodeCrypto.open(...given).map((byte, i) => (i === 0 ? 3 : byte)),
    };
    const packet = packetOf(ALICE.seal(WALL, 3));
    expect(opened(packet, crypto)).toEqual({ ok: false, reason: 'malformed', client: alice });
  });
});

describe('check 5', () => {
  it('takes a claimed source that is where the packet comes from', () => {
    expect(knock({ source: SOURCE })).toMatchObject({ ok: true });
    const six = address('2001:db8::7');
    expect(knock({ source: six }, six)).toMatchObject({ ok: true });
  });

  it.each([
    ['another address', '198.51.100.8', '198.51.100.7'],
    ['the same number in IPv6', '::c633:6407', '198.51.100.7'],
    ['an IPv6 address by IPv4', '2001:db8::7', '198.51.100.7'],
    ['loopback', '127.0.0.1', '127.0.0.1'],
    ['loopback in IPv6', '::1', '::1'],
    ['multicast', '224.0.0.1', '224.0.0.1'],
    ['multicast in IPv6', 'ff02::1', 'ff02::1'],
    ['broadcast', '255.255.255.255', '255.255.255.255'],
    ['no address', '0.0.0.0', '0.0.0.0'],
    ['no address in IPv6', '::', '::'],
  ])('refuses %s', (_, claimed, source) => {
    expect(knock({ source: address(claimed) }, address(source))).toEqual({
      ok: false,
      reason: 'source-mismatch',
      client: alice,
    });
  });

  it('comes before the clock is looked at', () => {
    const result = knock({ source: address('198.51.100.8'), timestamp: WALL - 3_600_000 });
    expect(result).toMatchObject({ ok: false, reason: 'source-mismatch' });
  });
});

describe('a bound tag', () => {
  const [source] = boundSources(nodeCrypto, new PlaceNumbers(), alice, [address('2001:db8::1')]);
  const bound = (claimed: string | undefined, from: string) => {
    const datagram = ALICE.seal(WALL, 3, { source: claimed === undefined ? undefined : address(claimed) });
    return verify(CONTEXT, source ?? expect.fail(), packetOf(datagram, address(from)));
  };

  it('must be for the place that the message claims', () => {
    expect(bound('2001:db8::1', '2001:db8::1')).toMatchObject({ ok: true });
    expect(bound('2001:db8::2', '2001:db8::2')).toMatchObject({ ok: true });
  });

  it.each([
    ['of another place', '2001:db8:0:1::1', '2001:db8:0:1::1'],
    ['in a message that claims nothing', undefined, '2001:db8::1'],
    ['from elsewhere in the place that is claimed', '2001:db8::1', '2001:db8::2'],
  ])('%s is refused', (_, claimed, from) => {
    expect(bound(claimed, from)).toEqual({ ok: false, reason: 'source-mismatch', client: alice });
  });
});

describe('check 6', () => {
  const sent = (to: string | undefined, addresses: string[] = [], destination = '203.0.113.2') => {
    const seen = to === undefined ? undefined : address(to);
    const datagram = ALICE.seal(WALL, 3, { destination: address(destination) });
    const packet = { source: SOURCE, datagram, ...(seen && { destination: seen }) };
    const context = { ...CONTEXT, addresses: addresses.map((text) => address(text)) };
    const result = verify(context, ordinarySource(alice, false), packet);
    return result.ok ? 'ok' : result.reason;
  };

  it('takes what was sent to the address that it came to', () => {
    expect(sent('203.0.113.2')).toBe('ok');
    expect(sent('192.168.1.2', [], '192.168.1.2')).toBe('ok');
    expect(sent('203.0.113.2', ['198.51.100.1'])).toBe('ok');
  });

  it('refuses what was sent to another gate, which hands it on', () => {
    expect(sent('198.51.100.99')).toBe('destination-mismatch');
    expect(sent('2001:db8::99')).toBe('destination-mismatch');
    expect(sent('198.51.100.99', ['198.51.100.98'])).toBe('destination-mismatch');
  });

  it('takes what was sent to one of the gate’s own addresses, and behind NAT nothing else', () => {
    for (const seen of ['192.168.1.2', '198.51.100.99', undefined]) {
      expect(sent(seen, ['203.0.113.2'])).toBe('ok');
      expect(sent(seen, ['203.0.113.3'])).toBe('destination-mismatch');
    }
  });

  it('believes the message behind NAT where the gate does not know its addresses', () => {
    expect([sent('192.168.1.2'), sent('fd00::2'), sent(undefined)]).toEqual(['ok', 'ok', 'ok']);
  });
});

describe('check 7', () => {
  it.each([0, 60_000, -60_000])('takes a sender whose clock is %i ms off', (skew) => {
    expect(knock({ timestamp: WALL + skew })).toMatchObject({ ok: true });
  });

  it.each([60_001, -60_001, 75_000, -75_000, 3_600_000])(
    'refuses one whose clock is %i ms off, and says so',
    (skewMs) => {
      expect(knock({ timestamp: WALL + skewMs })).toEqual({ ok: false, reason: 'clock-skew', client: alice, skewMs });
    },
  );

  it('holds at the ends of what a timestamp can say', () => {
    expect(knock({ timestamp: 0 })).toMatchObject({ ok: false, reason: 'clock-skew' });
    expect(knock({ timestamp: Number.MAX_SAFE_INTEGER })).toMatchObject({ ok: false, reason: 'clock-skew' });
  });

  it('is about the time in the message, not the epoch of its tag', () => {
    const early = ALICE.seal(WALL - 60_000, 0, { timestamp: WALL });
    expect(epochAt(WALL - 60_000)).toBeLessThan(epochAt(WALL));
    expect(opened(packetOf(early))).toMatchObject({ ok: true });
  });
});
