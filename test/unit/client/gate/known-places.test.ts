import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../../../src/base/addresses.ts';
import {
  type KnownPlace,
  knowledgeOf,
  parseKnownPlaces,
  placeText,
  withPlace,
} from '../../../../src/client/gate/known-places.ts';

const NOW = 1_795_000_000_000;
const DAY = 24 * 3600 * 1000;

describe('places that a gate knows', () => {
  it('are an address of IPv4, or the /64 of one of IPv6', () => {
    const places = ['198.51.100.7', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::9'].map((text) => parseAddress(text));
    expect(places.map((address) => address && placeText(address))).toEqual([
      '198.51.100.7',
      '2001:db8:1:2::/64',
      '2001:db8:1:2::/64',
    ]);
  });

  it('are the last three of each family, for seven days', () => {
    let known: readonly KnownPlace[] = [];
    for (const [i, place] of ['a::', '1', '2', 'b::', '3', '4', '2'].entries())
      known = withPlace(known, place, false, NOW + i);
    expect(known.map(({ place }) => place)).toEqual(['2', '4', '3', 'b::', 'a::']);
    expect(knowledgeOf(known, '1', NOW)).toBe('unknown');
    expect([6.9, 7.1, -7.1].map((days) => knowledgeOf(known, '2', NOW + days * DAY))).toEqual([
      'known',
      'unknown',
      'unknown',
    ]);
    expect(withPlace(known, '5', false, NOW + 8 * DAY).map(({ place }) => place)).toEqual(['5']);
    expect(knowledgeOf(undefined, '2', NOW)).toBe('unknown');
  });

  it('are doubted for a day where a bound tag opened nothing, though they are noted again meanwhile', () => {
    const doubted = withPlace([], '1', true, NOW);
    const again = withPlace(doubted, '1', false, NOW + DAY / 2);
    expect([0.5, 0.9, 1.1].map((days) => knowledgeOf(again, '1', NOW + days * DAY))).toEqual([
      'doubted',
      'doubted',
      'known',
    ]);
  });

  it.each([null, 7, { C: 7 }, { C: [{ place: 1 }, { place: '1', atMs: 0.5, doubtedMs: 0 }, null] }])(
    'are none where the ledger is broken: %j',
    (value) => {
      expect([...parseKnownPlaces(value).values()].flat()).toEqual([]);
    },
  );
});
