import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { figure } from '../../rig/figure.ts';
import { Anvil, type Hammering } from './hammering.ts';

/** Room for fewer used tags than any case has. */
const TIGHT = 200;

/** Senders of one tag at the same moment. */
const OPENING: readonly (readonly [string, Hammering])[] = [
  ['a bound tag from two known addresses', { kind: 'bound', known: [true, true] }],
  ['a bound tag from a known and an unknown address', { kind: 'bound', known: [true, false] }],
  ['a bound tag from two known addresses and an unknown one', { kind: 'bound', known: [true, true, false] }],
  [
    'a bound tag from a known and two unknown addresses, where the first gets in',
    { kind: 'bound', known: [true, false, false], withoutDaemon: 'first' },
  ],
  [
    'an ordinary tag from two addresses, where the first gets in',
    { kind: 'ordinary', known: [false, false], withoutDaemon: 'first' },
  ],
  [
    'an ordinary tag from three addresses, where the first gets in',
    { kind: 'ordinary', known: [false, false, false], withoutDaemon: 'first' },
  ],
];

/** The same where the daemon decides. */
const ASKING: readonly (readonly [string, Hammering])[] = [
  ['an ordinary tag, known addresses alone get in', { kind: 'ordinary', known: [false, false] }],
  [
    'an ordinary tag, the first would get in and a daemon is heard',
    { kind: 'ordinary', known: [false, false], withoutDaemon: 'first', isHearing: true },
  ],
  ['a bound tag from two unknown addresses', { kind: 'bound', known: [false, false], withoutDaemon: 'first' }],
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

    it.each(OPENING)('opens once: %s', async (name, how) => {
      const { openedTwice, seen, opened, asked, spent, junk } = await anvil.hammerAll(tags, how);
      figure(`${name}: ${tags} tags, ${opened} opened, ${openedTwice} twice; ${seen} seen in the set`);
      expect({ openedTwice, opened }).toEqual({ openedTwice: 0, opened: tags });
      expect({ junk, all: opened + asked + spent + junk }).toEqual({ junk: 0, all: tags * how.known.length });
    });

    it.each(ASKING)('opens never, the daemon is asked: %s', async (name, how) => {
      const { seen, opened, asked } = await anvil.hammerAll(tags, how);
      figure(`${name}: ${tags} tags, ${opened} opened, ${asked} times asked`);
      expect({ seen, opened, asked }).toEqual({ seen: 0, opened: 0, asked: tags * how.known.length });
    });

    it.each([...OPENING.slice(0, 1), ...OPENING.slice(4, 5)])(
      'opens at most once where the note of used tags is full: %s',
      async (name, how) => {
        const { openedTwice, opened, asked } = await anvil.hammerAll(tags, { ...how, room: TIGHT });
        figure(`${name}: ${tags} tags, room for ${TIGHT}, ${opened} opened, ${openedTwice} twice`);
        expect({ openedTwice, opened }).toEqual({ openedTwice: 0, opened: TIGHT });
        expect(asked).toBe(tags * how.known.length - TIGHT);
      },
    );

    it('would open twice by a rule that looks a tag up before it notes it: the senders do hit at the same moment', async () => {
      const { openedTwice, opened } = await anvil.hammerAll(tags, {
        kind: 'bound',
        known: [true, true],
        rule: 'two-steps',
      });
      figure(`looked up, then noted: ${tags} tags, ${opened} opened, ${openedTwice} twice`);
      expect(opened).toBeGreaterThan(tags);
      expect(openedTwice).toBeGreaterThan(0);
    });
  });
}
