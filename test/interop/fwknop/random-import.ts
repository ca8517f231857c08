import { expect } from 'vitest';
import { parseGateConfig } from '../../../server-helper/config/gate-config.ts';
import { importFwknop } from '../../../server-helper/import/fwknop.ts';
import { showImported } from '../../../server-helper/import/imported.ts';
import { takesAccess } from '../../rig/fwknopd.ts';
import { Random } from '../../rig/random.ts';
import { addressesOf, Both } from './both.ts';
import { type RandomKnock, type RandomStanza, randomKnock, randomStanza } from './random-access.ts';

/** How much of it: rounds of knocks at one fwknopd with all the stanzas that it takes. */
export interface Extent {
  readonly seed: string;
  readonly stanzas: number;
  readonly rounds: number;
  readonly knocks: number;
}

/**
 * Holds random stanzas against a real fwknopd: with the same packets the imported gate opens nothing that fwknopd does not, and for no
 * longer; and nothing at all by a file that fwknopd refuses.
 * @returns figures in words
 */
export async function expectNoMoreThanFwknopd({ seed, stanzas, rounds, knocks }: Extent): Promise<string> {
  const random = new Random(seed);
  const taken: RandomStanza[] = [];
  let refused = 0;
  for (let i = 0; i < stanzas; i++) {
    const stanza = randomStanza(random);
    const text = `${stanza.lines.join('\n')}\n`;
    if (await takesAccess(text)) taken.push(stanza);
    else {
      refused += 1;
      expect(doorsOf(text), `seed ${seed}; fwknopd refuses:\n${text}`).toBe(0);
    }
  }
  const counts = { theirs: 0, ours: 0 };
  for (let round = 0; round < rounds; round++) {
    const sent = Array.from({ length: knocks }, (_, i) =>
      randomKnock(random, random.below(taken.length), addressesOf(i)),
    );
    const opened = await openedBy(taken, sent);
    counts.theirs += opened.theirs.size;
    counts.ours += opened.ours.size;
    for (const [what, seconds] of opened.ours) {
      const knock = sent.find((_, i) => addressesOf(i).some((address) => what.startsWith(`${address} `)));
      const how = knock && { ...knock, lines: taken[knock.stanza]?.lines };
      const shown = `seed ${seed}, round ${round}: ${what} for ${seconds} s: ${JSON.stringify(how, undefined, 1)}`;
      expect(opened.theirs.get(what) ?? 0, shown).toBeGreaterThanOrEqual(seconds);
    }
  }
  expect(counts.ours, `seed ${seed}`).toBeGreaterThan(0);
  return `seed ${seed}: ${taken.length} stanzas, ${refused} more refused by fwknopd, ${rounds * knocks} knocks: ${counts.theirs} openings at fwknopd, ${counts.ours} at the gate, none more or longer`;
}

async function openedBy(stanzas: readonly RandomStanza[], knocks: readonly RandomKnock[]) {
  const both = await Both.start(stanzas);
  try {
    return await both.knock(knocks);
  } finally {
    await both.end();
  }
}

/** How many doors the import of an access.conf has that are in force. */
function doorsOf(text: string): number {
  const imported = importFwknop({ text, file: 'access.conf' }, undefined, '/etc/knockgate/fwknop');
  if (imported.toml === '') return 0;
  const { fwknop } = parseGateConfig(`${showImported(imported)}\n`, 'gate.toml');
  return fwknop.filter(({ enabled }) => enabled).length;
}
