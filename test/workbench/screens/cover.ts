import { sshConfig } from '../demo.ts';
import { type Stage, strangeGateLine } from './stage.ts';

const SCREEN = { width: 1120, height: 660 };
/** Seconds: what the lock counts, and the gate's own list, which the login shows. */
const GRANT = 60;
const COMMAND = `ssh prod 'nft list set inet knockgate granted4 | grep -o "1.*expires .*"'`;

/** The picture of the README: a door that is open, and a login through it. */
export async function takeCover(stage: Stage, file: string): Promise<void> {
  const { window, workbench, scene } = stage;
  const { page } = window;
  await stage.show('dark');
  await page.setViewportSize(SCREEN);
  workbench.writeSshConfig(`${sshConfig('prod', scene.sshd)}\nHost git-server\n  User dev\n`);
  const strange = (name: string) => ({ gate: strangeGateLine(name) });
  await stage.change('knockgate.hosts', {
    prod: { gate: stage.gateLine, duration: GRANT },
    staging: strange('staging'),
    nas: strange('nas'),
  });
  await stage.run('workbench.view.extension.knockgate');
  await stage.run('workbench.action.terminal.focus');
  const terminalSays = (text: string) =>
    window.eventually(`the terminal to say ${text}`, async () => {
      return (await page.locator('.xterm-rows', { hasText: text }).count()) > 0;
    });
  await terminalSays('$');
  await stage.start('knockgate.knockHost', 'prod');
  await window.statusBarSays('knockgate.knockgate', /prod: open/);
  await page.locator('.terminal-wrapper.active').click();
  await page.keyboard.type(`${COMMAND}\n`);
  await terminalSays('alice-laptop');
  await stage.run('notifications.clearAll');
  await window.screenshot(file);
}
