import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { animate, type Frame } from './animation.ts';
import { sshConfig } from './demo.ts';
import { Stage, strangeGateLine } from './screens/stage.ts';

const FILE = '.cache/screens/workbench.png';
const SCREEN = { width: 860, height: 480 };
/** Seconds: long enough for a login, and soon over. */
const GRANT = 20;
/** A prompt that says nothing of the machine. */
const SHELL = `  RequestTTY yes
  RemoteCommand PS1='prod:~# ' bash --norc --noprofile
`;

/* The picture of README and gallery: media/workbench.png is copied from it. */
describe('the picture of the README', () => {
  let stage: Stage;
  const frames: Frame[] = [];

  beforeAll(async () => {
    stage = await Stage.set('cover');
    const { window, workbench, scene } = stage;
    await window.page.setViewportSize(SCREEN);
    workbench.writeSshConfig(`${sshConfig('prod', scene.sshd)}${SHELL}\nHost git-server\n  User dev\n`);
    await stage.start('knockgate.copyPublicKey');
    await window.notice(/clipboard/);
    await stage.enrol();
    const strange = (name: string) => ({ gate: strangeGateLine(name) });
    await stage.change('knockgate.hosts', {
      prod: { gate: stage.gateLine, duration: GRANT },
      staging: strange('staging'),
      nas: strange('nas'),
    });
    await stage.run('workbench.view.extension.knockgate');
    await stage.run('workbench.action.toggleMaximizedPanel');
    await stage.run('workbench.action.terminal.focus');
    await terminalSays('$');
  });
  afterAll(async () => {
    await stage?.strike();
  });

  const terminalSays = (text: string) =>
    stage.window.eventually(`the terminal to say ${text}`, async () => {
      return (await stage.window.page.locator('.xterm-rows', { hasText: text }).count()) > 0;
    });
  const type = async (line: string) => {
    await stage.window.page.locator('.terminal-wrapper.active').click();
    await stage.window.page.keyboard.type(`${line}\n`);
  };
  const take = async (seconds: number) => {
    await stage.run('notifications.clearAll');
    frames.push({ png: await stage.window.page.screenshot(), seconds });
  };

  it('begins with a server that does not answer', async () => {
    await type('ssh prod');
    await terminalSays('timed out');
    await take(3);
  });

  it('shows the lock when the port is open', async () => {
    await stage.start('knockgate.knockHost', 'prod');
    await stage.window.statusBarSays('knockgate.knockgate', /prod: open/);
    await stage.window.page
      .locator('.monaco-list-row', { hasText: /open \d/ })
      .first()
      .waitFor();
    await take(2);
  });

  it('goes through the gate', async () => {
    await type('ssh prod');
    await terminalSays('prod:~#');
    await take(3);
  });

  it('ends with a session that goes on behind a closed port', async () => {
    await stage.window.statusBarSays('knockgate.knockgate', /closed/, (GRANT + 10) * 1000);
    await type('echo still here');
    await take(4);
  });

  it('is an animation that a browser plays', async () => {
    mkdirSync(dirname(FILE), { recursive: true });
    const picture = animate(frames);
    writeFileSync(FILE, picture);
    const played = await stage.window.page.evaluate<[number, boolean]>(`(async () => {
      const bytes = Uint8Array.from(atob('${picture.toString('base64')}'), (each) => each.charCodeAt(0));
      const decoder = new ImageDecoder({ data: bytes, type: 'image/png' });
      await decoder.tracks.ready;
      return [decoder.tracks.selectedTrack.frameCount, decoder.tracks.selectedTrack.animated];
    })()`);
    expect(played).toEqual([4, true]);
    expect(picture.length).toBeLessThan(200_000);
  });
});
