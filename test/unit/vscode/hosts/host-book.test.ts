import { describe, expect, it } from 'vitest';
import { hostCalled, readHostBook } from '../../../../src/vscode/hosts/host-book.ts';
import { gateLine } from '../../cli/support.ts';

const entry = (addresses: string[]) => ({ gate: gateLine('gate', addresses) });

describe('the setting of hosts', () => {
  it('keeps the good ones when one is wrong, and says what is wrong', () => {
    const { hosts, broken } = readHostBook({ a: entry(['192.0.2.1']), b: { gate: 'x' }, '-c': {}, d: 1 });
    expect([...hosts.keys()]).toEqual(['a']);
    expect([...broken.keys()]).toEqual(['b', '-c', 'd']);
    expect(broken.get('b')?.message).toContain('knockgate.hosts: b.gate');
  });

  it.each([undefined, null, 'x', 5, []])('may be %j', (record) => {
    expect(readHostBook(record).hosts.size).toBe(0);
  });
});

describe('the host that a window means', () => {
  const book = readHostBook({
    Prod: entry(['192.0.2.1', 'prod.example']),
    stage: { ...entry(['192.0.2.9']), address: '192.0.2.2' },
    'stage.b': entry(['192.0.2.9']),
  });
  it.each([
    ['Prod', 'Prod'],
    ['prod', 'Prod'],
    ['192.0.2.1', 'Prod'],
    ['PROD.example', 'Prod'],
    ['192.0.2.2', 'stage'],
    // Of two with that address the first one.
    ['192.0.2.9', 'stage'],
    ['other', undefined],
    ['', undefined],
  ])('by %j is %s', (destination, name) => {
    expect(hostCalled(destination, book)?.name).toBe(name);
  });

  it('is none when two differ by capitals only and neither is written so', () => {
    const twins = readHostBook({ Prod: entry(['192.0.2.1']), PROD: entry(['192.0.2.2']) });
    expect(hostCalled('prod', twins)).toBeUndefined();
    expect(hostCalled('PROD', twins)?.name).toBe('PROD');
  });
});
