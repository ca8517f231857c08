import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  covers,
  formatPort,
  formatPortRange,
  type PortRange,
  parsePort,
  parsePortNumber,
  parsePortRange,
  parsePorts,
  rangeOf,
} from '../../../src/base/ports.ts';
import { Problem } from '../../../src/base/problem.ts';
import { portArbitrary } from '../spa/support.ts';

const range: fc.Arbitrary<PortRange> = fc.tuple(portArbitrary, portArbitrary).map(([{ protocol, port }, other]) => ({
  protocol,
  first: Math.min(port, other.port),
  last: Math.max(port, other.port),
}));

describe('ports that are asked for', () => {
  it('are each port of a range, in the order in which they are named', () => {
    const names = (texts: string[]) => parsePorts(texts).map(formatPort);
    expect(names(['udp/7-9', 'tcp/22', 'udp/7'])).toEqual(['udp/7', 'udp/8', 'udp/9', 'tcp/22', 'udp/7']);
    expect(names([])).toEqual([]);
  });

  it('are at most 254', () => {
    expect(parsePorts(['udp/1-253', 'tcp/22'])).toHaveLength(254);
    for (const texts of [['udp/1-254', 'tcp/22'], ['tcp/*'], ['tcp/1-255']])
      expect(() => parsePorts(texts)).toThrow(/Expected at most 254 ports/);
  });
});

describe('ports', () => {
  it('ranges and ports read back', () => {
    fc.assert(
      fc.property(range, portArbitrary, (one, port) => {
        expect(parsePortRange(formatPortRange(one))).toEqual(one);
        expect(parsePort(formatPort(port))).toEqual(port);
        expect(parsePortRange(formatPort(port))).toEqual(rangeOf(port));
        expect(parsePortNumber(String(port.port))).toBe(port.port);
      }),
    );
  });

  it.each([
    ['tcp/22', { protocol: 'tcp', first: 22, last: 22 }],
    ['udp/51820', { protocol: 'udp', first: 51820, last: 51820 }],
    ['tcp/8000-8100', { protocol: 'tcp', first: 8000, last: 8100 }],
    ['tcp/*', { protocol: 'tcp', first: 1, last: 65535 }],
  ])('%s', (text, expected) => {
    expect(parsePortRange(text)).toEqual(expected);
    expect(formatPortRange(parsePortRange(text))).toBe(text);
  });

  it.each([
    ['22', 'tcp/22'],
    ['8000-8010', 'tcp/8000-8010'],
  ])('%s, without a protocol, is %s', (text, meant) => {
    expect(formatPortRange(parsePortRange(text))).toBe(meant);
  });

  it('one port without a protocol, is one of TCP', () => {
    expect(parsePort('22')).toEqual({ protocol: 'tcp', port: 22 });
  });

  it.each([
    '',
    '0',
    '/22',
    '22/tcp',
    'tcp',
    'tcp/',
    'tcp/0',
    'tcp/65536',
    'tcp/99999',
    'tcp/022',
    'tcp/-1',
    'tcp/22-',
    'tcp/-22',
    'tcp/23-22',
    'tcp/1-65536',
    'tcp/0-1',
    'tcp/22-23-24',
    'TCP/22',
    'sctp/22',
    'tcp/ 22',
    ' tcp/22',
    'tcp/22 ',
    'tcp/22\n',
    'tcp/2e1',
    'tcp/**',
    'tcp/ssh',
    'tcp/22,23',
    '*',
    'tcp\\22',
    'constructor/22',
    '__proto__/22',
  ])('%j is neither a port nor a range', (text) => {
    expect(() => parsePortRange(text, 'ports')).toThrow(Problem);
    expect(() => parsePortRange(text, 'ports')).toThrow(/^ports: /);
    expect(() => parsePort(text)).toThrow(Problem);
  });

  it.each(['tcp/*', 'tcp/1-2'])('%s is not one port', (text) => {
    expect(() => parsePort(text)).toThrow(Problem);
  });

  it.each(['', '0', '65536', '022', '-1', '+1', '1.0', '1e3', ' 1', '1 ', '1\n', '0x1', 'ssh', '１'])(
    '%j is not the number of a port',
    (text) => {
      expect(() => parsePortNumber(text, 'knock port')).toThrow(Problem);
    },
  );

  it('nothing but a Problem is thrown', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...'tcpud/0123456789-*') }));
    fc.assert(
      fc.property(text, (candidate) => {
        for (const parse of [parsePortRange, parsePort, parsePortNumber]) {
          try {
            parse(candidate);
          } catch (error) {
            expect(error).toBeInstanceOf(Problem);
          }
        }
      }),
    );
  });

  it('a range covers another when it has every port of it', () => {
    fc.assert(
      fc.property(range, range, (outer, inner) => {
        const expected = outer.protocol === inner.protocol && outer.first <= inner.first && outer.last >= inner.last;
        expect(covers(outer, inner)).toBe(expected);
        expect(covers(outer, outer)).toBe(true);
        expect(covers(parsePortRange(`${outer.protocol}/*`), outer)).toBe(true);
      }),
    );
    expect(covers(parsePortRange('tcp/*'), parsePortRange('udp/53'))).toBe(false);
  });
});
