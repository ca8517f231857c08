import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Problem } from '../../../../src/base/problem.ts';
import type { HostsKind } from '../../../../src/client/hosts/host-fields.ts';
import { parseSequenceHost } from '../../../../src/client/sequence/host.ts';
import { problemOf } from '../support.ts';

const FIXED = { kind: 'sequence', address: 'door.example', steps: '7000:tcp 8000:udp 9000' };
const ONCE = { kind: 'sequence', address: 'door.example', client: 'alice-phone', keyFile: 'door.key' };
const parse = (fields: Record<string, unknown>, kind: HostsKind = 'file') =>
  parseSequenceHost('door', fields, 'hosts.toml: door', kind);

describe('a host that opens to a sequence of ports', () => {
  it('has defaults for all but where it is and its steps', () => {
    expect(parse(FIXED)).toEqual({
      kind: 'sequence',
      name: 'door',
      address: 'door.example',
      sequence: {
        kind: 'fixed',
        steps: [
          { protocol: 'tcp', port: 7000 },
          { protocol: 'udp', port: 8000 },
          { protocol: 'tcp', port: 9000 },
        ],
      },
      delayMs: 50,
      family: undefined,
      ports: [{ protocol: 'tcp', port: 22 }],
    });
  });

  it('takes every field, and commas as knockd.conf has them', () => {
    const more = { delay: 200, family: 'ipv6', ports: ['udp/1194'], tcpFlags: 'SYN,!ack' };
    expect(parse({ ...FIXED, steps: '1:UDP, 2,3', ...more })).toMatchObject({
      sequence: { steps: [{ protocol: 'udp', port: 1 }, { port: 2 }, { port: 3 }] },
      delayMs: 200,
      family: 'ipv6',
      ports: [{ protocol: 'udp', port: 1194 }],
    });
  });

  it('may be one that opens once, whose key is in a file; in a setting, which may be synced, it is nowhere', async () => {
    expect(parse(ONCE).sequence).toEqual({ kind: 'one-time', client: 'alice-phone', keyFile: 'door.key' });
    const { keyFile: _, ...inSetting } = ONCE;
    expect(parse(inSetting, 'setting').sequence).toEqual({ kind: 'one-time', client: 'alice-phone' });
    expect((await problemOf(() => parse(ONCE, 'setting'))).what).toBe('hosts.toml: door.keyFile is invalid.');
  });

  it.each([
    [{ ...FIXED, address: undefined }, 'address'],
    [{ ...FIXED, address: 'a b' }, 'address'],
    [{ ...FIXED, steps: 5 }, 'steps'],
    [{ ...FIXED, steps: ' , ' }, 'steps'],
    [{ ...FIXED, steps: '7000:icmp' }, 'steps'],
    [{ ...FIXED, steps: '07000' }, 'steps'],
    [{ ...FIXED, steps: '65536' }, 'steps'],
    [{ ...FIXED, steps: '1 '.repeat(65) }, 'steps'],
    [{ ...FIXED, client: 'alice' }, 'client'],
    [{ ...FIXED, keyFile: 'k' }, 'keyFile'],
    [{ ...FIXED, tcpFlags: 'fin' }, 'tcpFlags'],
    [{ ...FIXED, tcpFlags: 'syn,ack' }, 'tcpFlags'],
    [{ ...FIXED, tcpFlags: '!syn' }, 'tcpFlags'],
    [{ ...FIXED, tcpFlags: 'syn,ecn' }, 'tcpFlags'],
    [{ ...FIXED, delay: 4 }, 'delay'],
    [{ ...FIXED, delay: 10_001 }, 'delay'],
    [{ ...FIXED, delay: '50' }, 'delay'],
    [{ ...FIXED, family: 'ip' }, 'family'],
    [{ ...FIXED, ports: [] }, 'ports'],
    [{ ...FIXED, ports: ['icmp/1'] }, 'ports'],
    [{ ...FIXED, gate: 'x' }, 'gate'],
    [{ ...ONCE, steps: undefined, client: undefined }, 'steps'],
    [{ ...ONCE, client: 'a b' }, 'client'],
    [{ ...ONCE, keyFile: undefined }, 'keyFile'],
    [{ ...ONCE, tcpFlags: 'syn' }, 'tcpFlags'],
  ])('is refused with %j', async (fields, field) => {
    const { code, what } = await problemOf(() => parse({ ...fields }));
    expect([code, what]).toEqual(['hosts-file-invalid', `hosts.toml: door.${field} is invalid.`]);
  });

  it('says why no program without root can send other flags', async () => {
    expect((await problemOf(() => parse({ ...FIXED, tcpFlags: 'fin' }))).why).toContain('Only root');
  });

  it('is read, or refused with a problem that names a field, whatever is in any field', () => {
    const field = fc.constantFrom('address', 'steps', 'tcpFlags', 'client', 'keyFile', 'delay', 'family', 'ports');
    const value = fc.oneof(
      fc.anything(),
      fc.string({ unit: 'binary' }),
      fc.integer(),
      fc.array(fc.string()),
      fc
        .array(fc.constantFrom('7000', ':', 'tcp', 'udp', ' ', ',', '0', '-', '!', 'syn'))
        .map((words) => words.join('')),
    );
    fc.assert(
      fc.property(fc.constantFrom(FIXED, ONCE), field, value, (host, name, found) => {
        try {
          const { address, delayMs, ports, sequence } = parse({ ...host, [name]: found });
          expect(address).not.toBe('');
          expect(delayMs).toBeGreaterThanOrEqual(5);
          expect(ports.length).toBeGreaterThan(0);
          if (sequence.kind === 'fixed')
            for (const { protocol, port } of sequence.steps)
              expect(protocol === 'icmp' ? port === 0 : port >= 1 && port <= 65_535).toBe(true);
        } catch (error) {
          if (!(error instanceof Problem)) throw error;
          expect(error.text.what).toMatch(/^hosts\.toml: door\.[A-Za-z]+ is invalid\.$/);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
