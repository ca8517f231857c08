import { describe, expect, it } from 'vitest';
import { addressesAhead, firstOfSsh } from '../../../src/client/next-address.ts';
import { FakeClock, systemError } from './support.ts';

const BOTH = ['192.0.2.2', '192.0.2.3', '2001:db8::2'];

describe('where ssh goes first', () => {
  const resolve = async (name: string) => {
    if (name !== 'prod.example') throw systemError('ENOTFOUND');
    return ['2001:DB8:0::2', '192.0.2.2'];
  };
  it.each([
    ['prod.example', 'any', '2001:db8::2'],
    ['prod.example', 'inet', '192.0.2.2'],
    ['prod.example', 'inet6', '2001:db8::2'],
    ['192.0.2.9', 'any', '192.0.2.9'],
    ['192.0.2.9', 'inet6', undefined],
    ['nowhere.example', 'any', undefined],
  ] as const)('for %s by %s: %s', async (name, family, first) => {
    expect(await firstOfSsh(name, family, resolve)).toBe(first);
  });
});

describe('the addresses to wait for ahead', () => {
  const ahead = (addresses: readonly string[], next: () => Promise<string | undefined>) => {
    const clock = new FakeClock();
    return clock.run(addressesAhead(addresses, next, clock)).then((found) => ({ found, atMs: clock.monotonicMs() }));
  };

  it('are the very one, or those of its family', async () => {
    expect(await ahead(BOTH, async () => '192.0.2.3')).toEqual({ found: ['192.0.2.3'], atMs: 0 });
    expect((await ahead(BOTH, async () => '198.51.100.1')).found).toEqual(['192.0.2.2', '192.0.2.3']);
    expect((await ahead(BOTH, async () => '2001:db8::9')).found).toEqual(['2001:db8::2']);
  });

  it('are not asked for where there is one family', async () => {
    const asked = () => Promise.reject(new Error('asked'));
    expect(await ahead(['192.0.2.2', '192.0.2.3'], asked)).toEqual({ found: [], atMs: 0 });
  });

  it('are not waited for long', async () => {
    expect(await ahead(BOTH, () => new Promise(() => {}))).toEqual({ found: [], atMs: 50 });
    expect((await ahead(BOTH, async () => undefined)).found).toEqual([]);
  });
});
