import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { figure } from './figure.ts';
import { Album } from './screens/album.ts';
import { takeFwknop } from './screens/fwknop.ts';
import { takeGpg } from './screens/gpg.ts';
import { takeGuide, takeHook } from './screens/guide.ts';
import { castHosts, takeFirstHosts, takeForms } from './screens/hosts.ts';
import { takeKeyFile, takeKeys } from './screens/keys.ts';
import { takeSequence } from './screens/sequence.ts';
import { Stage } from './screens/stage.ts';
import { takeConnecting, takeLock, takeRows } from './screens/states.ts';

/* All that the extension shows, in a dark, a light and a high-contrast theme, to be looked at: .cache/screens. */
describe('the screens', () => {
  let stage: Stage;
  let album: Album;
  let since: number;

  beforeAll(async () => {
    stage = await Stage.set('screens');
    album = new Album(stage, '.cache/screens/all');
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
    figure(`on ${sheets.length} sheets, .cache/screens/all-*.png`);
  });
});
