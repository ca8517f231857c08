import { describe, expect, it } from 'vitest';
import {
  chainNames,
  ourChains,
  parseCounters,
  parseGrants,
  tableHandle,
} from '../../../../server-helper/firewall/listing.ts';
import { formatAddress } from '../../../../src/base/addresses.ts';
import { formatPortRange, type PortRange, parsePortRange } from '../../../../src/base/ports.ts';

/** Output of nft 1.0.6, around one set or a few counters. */
const printed = (...items: string[]) =>
  `{"nftables": [{"metainfo": {"version": "1.0.6", "release_name": "Lester Gooch #5", "json_schema_version": 1}}, ${items.join(', ')}]}`;

const GRANTED4 = printed(
  `{"set": {"family": "inet", "name": "granted4", "table": "knockgate", "type": ["ipv4_addr", "inet_proto", "inet_service"], "handle": 1, "flags": ["timeout"], "elem": [{"elem": {"val": {"concat": ["198.51.100.7", "tcp", 22]}, "timeout": 30, "expires": 29, "comment": "alice"}}, {"concat": ["198.51.100.9", "tcp", 22]}, {"elem": {"val": {"concat": ["198.51.100.8", "udp", 51820]}, "timeout": 300, "expires": 299}}]}}`,
);
const GRANTED6 = printed(
  `{"set": {"family": "inet", "name": "granted6", "table": "knockgate", "type": ["ipv6_addr", "inet_proto", "inet_service"], "handle": 2, "flags": ["timeout"], "elem": [{"elem": {"val": {"concat": ["2001:db8::7", "tcp", 22]}, "timeout": 3600, "expires": 3599, "comment": "bob"}}]}}`,
);
const RANGE = printed(
  `{"set": {"family": "inet", "name": "granted_tcp_8000_8100_v4", "table": "knockgate", "type": "ipv4_addr", "handle": 3, "flags": ["timeout"], "elem": [{"elem": {"val": "198.51.100.7", "timeout": 1, "expires": 0, "comment": "alice"}}]}}`,
);
const EMPTY = printed(
  `{"set": {"family": "inet", "name": "granted6", "table": "knockgate", "type": "ipv6_addr", "handle": 4, "flags": ["timeout"]}}`,
);

const shown = (json: string, range?: PortRange) =>
  parseGrants(json, range).map(
    ({ client, address, port, seconds }) => `${client} ${formatAddress(address)} ${formatPortRange(port)} ${seconds}`,
  );

describe('the grants in a set', () => {
  it('are read with client, address, port and time; an element without time is nobody’s grant', () => {
    expect(shown(GRANTED4)).toEqual(['alice 198.51.100.7 tcp/22 29', 'by hand 198.51.100.8 udp/51820 299']);
    expect(shown(GRANTED6)).toEqual(['bob 2001:db8::7 tcp/22 3599']);
  });

  it('have the range of their set, and may be in their last second', () => {
    expect(shown(RANGE, parsePortRange('tcp/8000-8100'))).toEqual(['alice 198.51.100.7 tcp/8000-8100 0']);
  });

  it('may be none', () => {
    expect(shown(EMPTY)).toEqual([]);
    expect(shown('{"nftables": []}')).toEqual([]);
    expect(shown('[]')).toEqual([]);
  });

  it('are read with a protocol by number too, as where there is no list of names', () => {
    expect(shown(GRANTED4.replaceAll('"tcp"', '6').replace('"udp"', '17'))).toEqual(shown(GRANTED4));
  });

  it('leave out what cannot be one of ours', () => {
    expect(shown(GRANTED4.replace('198.51.100.7', 'somewhere').replace('"udp"', '"sctp"'))).toEqual([]);
  });

  it('are not guessed at: what is not JSON is an error', () => {
    expect(() => shown('Error: syntax error')).toThrow(SyntaxError);
  });
});

describe('the counters', () => {
  it('are read by name', () => {
    const counter = (name: string, packets: number) =>
      `{"counter": {"family": "inet", "name": "${name}", "table": "knockgate", "handle": 5, "packets": ${packets}, "bytes": 9}}`;
    expect(parseCounters(printed(counter('matched', 3), counter('junk', 280000)))).toEqual({
      matched: 3,
      junk: 280000,
    });
    const ofOthers = counter('junk', 7).replace('knockgate', 'other');
    expect(parseCounters(printed(counter('junk', 3), ofOthers))).toEqual({ junk: 3 });
    expect(parseCounters('{"nftables": [{"counter": {"name": 1}}]}')).toEqual({});
  });
});

describe('our chains in a listing', () => {
  const chain = (name: string) => `\tchain ${name} {\n\t\ttcp dport 22 drop\n\t}`;
  const table = (name: string, ...chains: string[]) =>
    `table inet ${name} {\n\tset tags {\n\t\ttypeof @th,64,128\n\t}\n\n${chains.map(chain).join('\n\n')}\n}\n`;
  const others = [table('a', 'spa', 'gate'), table('knockgate2', 'spa', 'gate')];

  it('are found among those of others', () => {
    const ours = table('knockgate', 'sequence', 'spa', 'gate2', 'gate');
    expect(ourChains(`${others[0]}${ours}${others[1]}`, ['spa', 'gate'])).toBe(`${chain('spa')}\n${chain('gate')}`);
  });

  it('are known by name', () => {
    expect(chainNames(`${others[0]}${table('knockgate', 'spa', 'sequence_end_0')}${others[1]}`)).toEqual([
      'spa',
      'sequence_end_0',
    ]);
    expect(chainNames(others.join(''))).toEqual([]);
  });

  it('may be missing, one or all of them', () => {
    expect(ourChains(others.join(''), ['spa', 'gate'])).toBeUndefined();
    expect(ourChains(table('knockgate', 'spa'), ['spa', 'gate'])).toBeUndefined();
    expect(ourChains('', ['spa'])).toBeUndefined();
  });

  it('are found with the handles that nft prints when it is asked to', () => {
    const numbered = `table inet a { # handle 3\n}\n${table('knockgate', 'spa', 'gate')}`
      .replace('table inet knockgate {', 'table inet knockgate { # handle 17')
      .replace('chain spa {', 'chain spa { # handle 4');
    expect(ourChains(numbered, ['spa'])).toBe(chain('spa').replace('{', '{ # handle 4'));
    expect(chainNames(numbered)).toEqual(['spa', 'gate']);
    expect(tableHandle(numbered)).toBe('17');
    expect(tableHandle(table('knockgate', 'spa'))).toBeUndefined();
    expect(tableHandle(others.join(''))).toBeUndefined();
  });
});
