import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Problem } from '../../../../src/base/problem.ts';
import { parseGateHost } from '../../../../src/client/gate/host.ts';
import type { HostsKind } from '../../../../src/client/hosts/host-fields.ts';
import { formatGateLine } from '../../../../src/spa/enrolment.ts';
import { pair, problemOf } from '../support.ts';

const GATE = { key: pair.gatePublic, slots: 32, addresses: ['192.0.2.2'], knockPorts: [443], name: 'gate' };
const LINE = formatGateLine(GATE);
const OTHER = { ...GATE, key: pair.clientPublic };
const OTHER_LINE = formatGateLine(OTHER);

function parse(record: Record<string, unknown>, kind: HostsKind = 'file') {
  const hosts = Object.entries(record).map(([name, fields]) =>
    parseGateHost(name, fields, `hosts.toml: ${name}`, kind),
  );
  return new Map(hosts.map((host) => [host.name, host]));
}

describe('a record of hosts', () => {
  it('is read, with every field', () => {
    const fields = {
      gate: LINE,
      members: [OTHER_LINE],
      address: '203.0.113.7',
      knockPorts: [53],
      ports: ['tcp/22'],
      sshPort: 2222,
      duration: 30,
      claimSource: false,
      pskFile: 'p',
    };
    expect(parse({ prod: fields }).get('prod')).toEqual({
      kind: 'gate',
      name: 'prod',
      gate: GATE,
      members: [OTHER],
      address: '203.0.113.7',
      knockPorts: [53],
      ports: [{ protocol: 'tcp', port: 22 }],
      sshPort: 2222,
      duration: 30,
      claimSource: false,
      pskFile: 'p',
    });
    expect(() => parse({ prod: { gate: LINE, claimSource: 'no' } })).toThrow('true or false');
  });

  it('needs nothing but the line', () => {
    expect(parse({ prod: { gate: LINE } }, 'setting').get('prod')).toMatchObject({
      ports: [],
      duration: 0,
      claimSource: true,
    });
    const named = parse({ prod: { gate: LINE, identity: 'work' } }, 'setting').get('prod');
    expect(named?.identity).toBe('work');
  });

  const wrong: [field: string, record: Record<string, unknown>, says: RegExp, kind?: HostsKind][] = [
    ['hosts.toml: prod', { prod: 7 }, /not a table/],
    ['hosts.toml: a b', { 'a b': { gate: LINE } }, /host: "a b"/],
    ['hosts.toml: prod.members', { prod: { gate: LINE, members: LINE } }, /list/],
    ['hosts.toml: prod.members', { prod: { gate: LINE, members: ['ssh web1'] } }, /enrolment line/],
    ['hosts.toml: prod.members', { prod: { gate: LINE, members: [LINE] } }, /twice/],
    ['hosts.toml: prod.members', { prod: { gate: LINE, members: Array(8).fill(OTHER_LINE) } }, /at most 8/],
    ['hosts.toml: prod.gate', { prod: {} }, /missing/],
    ['hosts.toml: prod.gate', { prod: { gate: 'knockgate1 gate' } }, /enrolment line/],
    ['hosts.toml: prod.port', { prod: { gate: LINE, port: 22 } }, /This field is unknown/],
    ['hosts.toml: prod.address', { prod: { gate: LINE, address: 'a b' } }, /address/],
    ['hosts.toml: prod.sshPort', { prod: { gate: LINE, sshPort: 0 } }, /not a whole number/],
    ['hosts.toml: prod.address', { prod: { gate: LINE, address: 7 } }, /not a text/],
    ['hosts.toml: prod.knockPorts', { prod: { gate: LINE, knockPorts: 443 } }, /not a list/],
    ['hosts.toml: prod.knockPorts', { prod: { gate: LINE, knockPorts: [] } }, /empty/],
    ['hosts.toml: prod.knockPorts', { prod: { gate: LINE, knockPorts: [0] } }, /number/],
    ['hosts.toml: prod.knockPorts', { prod: { gate: LINE, knockPorts: [53, 53] } }, /twice/],
    ['hosts.toml: prod.ports', { prod: { gate: LINE, ports: ['tcp/*'] } }, /tcp/],
    ['hosts.toml: prod.ports', { prod: { gate: LINE, ports: ['tcp/22', 'tcp/22'] } }, /tcp\/22 occurs twice/],
    ['hosts.toml: prod.duration', { prod: { gate: LINE, duration: 65536 } }, /number/],
    ['hosts.toml: prod.duration', { prod: { gate: LINE, duration: '30' } }, /number/],
    ['hosts.toml: prod.pskFile', { prod: { gate: LINE, pskFile: 'p' } }, /This field is unknown/, 'setting'],
    ['hosts.toml: prod.identity', { prod: { gate: LINE, identity: 'work' } }, /This field is unknown/],
    ['hosts.toml: prod.identity', { prod: { gate: LINE, identity: 'a b' } }, /"a b" is invalid/, 'setting'],
    ['hosts.toml: prod.identity', { prod: { gate: LINE, identity: 7 } }, /not a text/, 'setting'],
  ];
  it.each(wrong)('says that %s is wrong: %j', async (place, record, says, kind) => {
    const problem = await problemOf(() => parse(record, kind));
    expect(problem).toMatchObject({ code: 'hosts-file-invalid', exit: 3, what: `${place} is invalid.` });
    expect(problem.why).toMatch(says);
    expect(problem.next).not.toBe('');
  });

  it('throws nothing but a Problem, whatever it is', () => {
    const field = fc.constantFrom(
      'gate',
      'address',
      'knockPorts',
      'ports',
      'duration',
      'pskFile',
      'identity',
      '__proto__',
    );
    const value = fc.oneof(fc.jsonValue(), fc.constant(LINE), fc.constant([443]), fc.constant(['tcp/22']));
    const fields = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(field, value).map((rest) => ({ gate: LINE, ...rest })),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fields), (record) => {
        try {
          for (const [name, host] of parse(record)) expect(host.name).toBe(name);
        } catch (error) {
          if (!(error instanceof Problem)) throw error;
          expect(error.text.exit).toBe(3);
        }
      }),
      { numRuns: 300 },
    );
  });
});
