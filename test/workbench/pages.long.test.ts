import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { Window } from '../rig/editor/window.ts';
import { Workbench } from '../rig/editor/workbench.ts';
import { TARGET4 } from '../rig/netns.ts';
import { HOST, Scene } from '../rig/scene.ts';
import { isKept } from './kept-pages.ts';

/* Pages of ours that a window shows again when it is reloaded. Plans and reports: wizard-reloaded.long.test.ts, wizard.long.test.ts. */
describe('a diagnosis', () => {
  let scene: Scene;
  let workbench: Workbench;
  let window: Window;

  beforeAll(async () => {
    scene = await Scene.make({ name: 'pages' });
    workbench = await Workbench.start(scene.pair.client, {
      vsix: [resolve('dist/knockgate.vsix')],
      settings: { 'knockgate.hosts': { [HOST]: { gate: scene.line, address: TARGET4 } } },
    });
    window = await workbench.open();
  });
  afterAll(async () => {
    await workbench?.close();
    await scene?.end();
  });

  it('comes back when its window is reloaded', async () => {
    await window.runCommand('Knockgate: Diagnose Host…');
    await window.pick(HOST);
    await window.showsPage('What was looked at');
    await isKept(window, 'What was looked at');
    await window.reload();
    await window.showsPage('What was looked at');
  }, 400_000);
});
