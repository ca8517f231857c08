import { describe, expect, it } from 'vitest';
import { addressesAhead, addressesOfSsh, type NextAddresses } from '../../../../src/client/network/next-address.ts';
import { FakeClock, systemError } from '../support.ts';

const BOTH = ['192.0.2.2', '192.0.2.3', '2001:db8::2'];

describe('where ssh goes', () => {
  const resolve = async (name: string) => {
    if (name !== 'prod.example') throw systemError('ENOTFOUND');
    return ['2001:DB8:0::2', '192.0.2.3', '192.0.2.2'];
  };
  it.each([
    ['prod.example', 'any', ['2001:db8::2', '192.0.2.3', '192.0.2.2']],
    ['prod.example', 'inet', ['192.0.2.3', '192.0.2.2']],
    ['prod.example', 'inet6', ['2001:db8::2']],
    ['192.0.2.9', 'any', ['192.0.2.9']],
    ['192.0.2.9', 'inet6', []],
    ['nowhere.example', 'any', []],
  ] as const)('for %s by %s: %s', async (name, family, addresses) => {
    expect(await addressesOfSsh(name, family, resolve)).toEqual(addresses);
  });
});

describe('the addresses to wait for ahead', () => {
  const ahead = (addresses: readonly string[], next: NextAddresses) => {
    const clock = new FakeClock();
    return clock.run(addressesAhead(addresses, next, clock)).then((found) => ({ found, atMs: clock.monotonicMs() }));
  };

  it('are those that ssh tries, in its order, as far as they are of its first family', async () => {
    expect(await ahead(BOTH, async () => ['192.0.2.3'])).toEqual({ found: ['192.0.2.3'], atMs: 0 });
    expect((await ahead(BOTH, async () => ['192.0.2.3', '2001:db8::2', '192.0.2.2'])).found).toEqual([
      '192.0.2.3',
      '192.0.2.2',
    ]);
  });

  it('are all of its family where it goes elsewhere', async () => {
    expect((await ahead(BOTH, async () => ['198.51.100.1'])).found).toEqual(['192.0.2.2', '192.0.2.3']);
    expect((await ahead(BOTH, async () => ['2001:db8::9'])).found).toEqual(['2001:db8::2']);
  });

  it('are not asked for where there is one family', async () => {
    const asked = () => Promise.reject(new Error('asked'));
    expect(await ahead(['192.0.2.2', '192.0.2.3'], asked)).toEqual({ found: [], atMs: 0 });
  });

  it('are not waited for long', async () => {
    expect(await ahead(BOTH, () => new Promise(() => {}))).toEqual({ found: [], atMs: 50 });
    expect((await ahead(BOTH, async () => [])).found).toEqual([]);
  });
});
