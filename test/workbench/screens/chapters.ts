import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import type { Theme } from '../../rig/editor/workbench.ts';
import { figure } from '../../rig/figure.ts';
import { Album } from './album.ts';
import { takeFwknop } from './fwknop.ts';
import { takeGpg } from './gpg.ts';
import { takeGuide, takeHook } from './guide.ts';
import { castHosts, takeFirstHosts, takeForms } from './hosts.ts';
import { takeKeyFile, takeKeys } from './keys.ts';
import { takeSequence } from './sequence.ts';
import { Stage } from './stage.ts';
import { takeConnecting, takeLock, takeRows } from './states.ts';

/**
 * Shows all that the extension shows, takes pictures of it for people to look at, and checks each once.
 * @param dir for the pictures; the sheets are beside it
 * @param themes each picture is taken in all of these
 */
export function describeScreens(dir: string, themes: readonly Theme[]): void {
  describe('the screens', () => {
    let stage: Stage;
    let album: Album;
    let since: number;

    beforeAll(async () => {
      stage = await Stage.set('screens');
      album = new Album(stage, dir, themes);
      since = performance.now();
    });
    afterAll(async () => {
      await stage?.strike();
    });

    const chapter = (title: string, take: (stage: Stage, album: Album) => Promise<void>) =>
      it(`show ${title}`, async () => {
        await stage.clear();
        album.begin(title);
        await take(stage, album);
      });
    chapter('the first hosts', takeFirstHosts);
    chapter('the lock', async (...scene) => {
      await castHosts(stage);
      await takeLock(...scene);
    });
    chapter('the hosts', takeRows);
    chapter('questions', async (...scene) => {
      await takeForms(...scene);
      await castHosts(stage);
    });
    chapter('fwknop', async (...scene) => {
      await castHosts(stage);
      await takeFwknop(...scene);
      await castHosts(stage);
    });
    chapter('sequences', async (...scene) => {
      await takeSequence(...scene);
      await castHosts(stage);
    });
    chapter('OpenPGP', async (...scene) => {
      await takeGpg(...scene);
      await castHosts(stage);
    });
    chapter('connecting', takeConnecting);
    chapter('the SSH hook', takeHook);
    chapter('the guide', takeGuide);
    chapter('keys', takeKeys);
    chapter('the key file', takeKeyFile);

    it('show every command at work', () => {
      const all = manifest.contributes.commands.map(({ command }) => command);
      expect([...album.commands].sort()).toEqual(all.sort());
    });

    it('can be told apart, and read', () => {
      expect(album.faults).toEqual([]);
    });

    it('are on sheets', async () => {
      figure(`${album.count} pictures in ${Math.round((performance.now() - since) / 1000)} s`);
      const sheets = await album.sheets();
      figure(`on ${sheets.length} sheets, ${dir}-*.png`);
    });
  });
}
