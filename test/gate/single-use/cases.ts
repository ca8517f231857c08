import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { figure } from '../../rig/figure.ts';
import { Anvil, type Hammering } from './hammering.ts';

/** Room for fewer used tags than any case has. */
const TIGHT = 200;

/** Senders of one tag at the same moment, and judges of unknown addresses. */
const CASES: readonly (readonly [string, Hammering])[] = [
  ['two known addresses', { known: [true, true] }],
  ['a known and an unknown address, and a daemon is there', { known: [true, false], alive: true }],
  ['a known and an unknown address, and nobody else', { known: [true, false] }],
  ['two unknown addresses, and nobody else', { known: [false, false] }],
  ['two known and an unknown address, and nobody else', { known: [true, true, false] }],
  ['a known and two unknown addresses, and a daemon is there', { known: [true, false, false], alive: true }],
];

/** Each tag opens once, from however many addresses it is sent at the same moment. */
export function hammerTags(tags: number): void {
  describe(`one tag, sent from several processors at the same moment, ${tags} times`, () => {
    let anvil: Anvil;
    beforeAll(async () => {
      anvil = await Anvil.make();
    });
    afterAll(() => {
      anvil?.end();
    });

    it.each(CASES)('opens once: %s', async (name, how) => {
      const { openedTwice, seen, opened, asked, spent, junk } = await anvil.hammerAll(tags, how);
      figure(`${name}: ${tags} tags, ${opened} opened, ${openedTwice} twice; ${seen} seen in the set`);
      expect({ openedTwice, opened }).toEqual({ openedTwice: 0, opened: tags });
      expect({ junk, all: opened + asked + spent + junk }).toEqual({ junk: 0, all: tags * how.known.length });
    });

    it.each(CASES.slice(0, 2))('opens at most once where the note of used tags is full: %s', async (name, how) => {
      const { openedTwice, opened, asked } = await anvil.hammerAll(tags, { ...how, room: TIGHT });
      figure(`${name}: ${tags} tags, room for ${TIGHT}, ${opened} opened, ${openedTwice} twice`);
      expect({ openedTwice, opened }).toEqual({ openedTwice: 0, opened: TIGHT });
      expect(asked).toBe(tags * how.known.length - TIGHT);
    });

    it('would open twice by a rule that looks a tag up before it notes it: the senders do hit at the same moment', async () => {
      const { openedTwice, opened } = await anvil.hammerAll(tags, { known: [true, true], rule: 'looked-up' });
      figure(`looked up, then noted: ${tags} tags, ${opened} opened, ${openedTwice} twice`);
      expect(opened).toBeGreaterThan(tags);
      expect(openedTwice).toBeGreaterThan(0);
    });
  });
}
