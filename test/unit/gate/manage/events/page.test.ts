import { expect, it } from 'vitest';
import type { Found } from '../../../../../server-helper/manage/events/event.ts';
import { ANY, pageOf, type Wanted } from '../../../../../server-helper/manage/events/page.ts';
import { parseNetwork } from '../../../../../src/base/addresses.ts';
import { WALL } from '../../support.ts';

const at = (seq: number) => WALL + seq * 1000;

/** A log of so many events, the newest first, each a second after the one before. */
async function* log(
  count: number,
  fields: (seq: number) => Record<string, unknown> = () => ({}),
): AsyncGenerator<Found> {
  for (let seq = count; seq > 0; seq -= 1)
    yield {
      event: { time: new Date(at(seq)).toISOString(), seq, event: 'granted', ...fields(seq) },
      cursor: `c${seq}`,
    };
}

const page = async (found: AsyncGenerator<Found>, wanted: Partial<Wanted> = {}) => {
  const { events, next } = await pageOf(found, { ...ANY, ...wanted });
  return { seqs: events.map(({ seq }) => seq), next };
};

it('a page ends when it is full, and names the place behind it', async () => {
  expect(await page(log(5), { limit: 2 })).toEqual({ seqs: [5, 4], next: 'c4' });
});

it('the last page has no next one, also when it is just full', async () => {
  expect(await page(log(2), { limit: 2 })).toEqual({ seqs: [2, 1], next: null });
  expect(await page(log(0))).toEqual({ seqs: [], next: null });
});

it.each<[string, Partial<Wanted>, number[]]>([
  ['the name', { events: ['refused', 'armed'] }, [4, 2, 1]],
  ['the reason', { reasons: ['replayed'] }, [4]],
  ['the client', { client: 'bob' }, [5, 4]],
  ['an address', { network: parseNetwork('192.0.2.5') }, [5]],
  ['a network', { network: parseNetwork('192.0.2.0/24') }, [5, 3]],
  ['the earliest time', { since: at(4) }, [5, 4]],
  ['the latest time', { until: at(2) }, [2, 1]],
  ['all of them', { events: ['granted'], client: 'alice', since: at(1), until: at(4) }, [3]],
])('events are chosen by %s', async (_, wanted, seqs) => {
  const fields: Record<string, unknown>[] = [
    { event: 'armed' },
    { event: 'refused', reason: 'denied', client: 'alice' },
    { client: 'alice', source: '192.0.2.3' },
    { event: 'refused', reason: 'replayed', client: 'bob', source: '2001:db8::1' },
    { client: 'bob', source: '192.0.2.5' },
  ];
  expect(
    (
      await page(
        log(5, (seq) => fields[seq - 1] ?? {}),
        wanted,
      )
    ).seqs,
  ).toEqual(seqs);
});

it('a search without a find ends, and says where to go on', async () => {
  expect(await page(log(200_001), { client: 'nobody' })).toEqual({ seqs: [], next: 'c2' });
});

it('some lines whose clock was wrong do not end the search', async () => {
  const wrong = (seq: number) => (seq > 10 && seq <= 1000 ? { time: '1970-01-01T00:00:00.000Z' } : {});
  expect((await page(log(1010, wrong), { since: at(1) })).seqs).toEqual([
    ...Array.from({ length: 10 }, (_, n) => 1010 - n),
    ...Array.from({ length: 10 }, (_, n) => 10 - n),
  ]);
});

it('what is too old is not read on', async () => {
  let read = 0;
  const counting = () => {
    read += 1;
    return {};
  };
  expect(await page(log(50_000, counting), { since: at(49_999) })).toEqual({ seqs: [50_000, 49_999], next: null });
  expect(read).toBe(1002);
});
