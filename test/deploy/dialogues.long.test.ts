import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answer, DIALOGUES, expectedLines, readDialogue } from '../rig/dialogue.ts';
import { Village } from '../rig/village.ts';

describe('the dialogue with servers', { timeout: 1_200_000 }, () => {
  let village: Village;
  beforeAll(async () => {
    village = await Village.make(['prod', 'web1', 'web2', 'nosudo']);
    await village.target('nosudo').must(['rm', '/usr/bin/sudo']);
  }, 900_000);
  afterAll(() => village?.end());

  it.each(DIALOGUES['test/deploy/dialogues.long.test.ts'])('%s is as its file says', async (name) => {
    for (const exchange of readDialogue(name)) {
      const said = village.alice.shown(await answer(village.alice.at(exchange.command), exchange));
      const shown = said.trimEnd().split('\n');
      expect(shown).toEqual(expectedLines(exchange, shown));
    }
  });
});
