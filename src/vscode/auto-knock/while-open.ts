import { networkInterfaces } from 'node:os';
import { type Disposable, window } from 'vscode';
import type { Parts } from '../parts.ts';
import { autoKnockSettings } from '../settings.ts';
import { Reopen } from './reopen.ts';
import { TICK_MS, Watch } from './watch.ts';

/** Keeps the door of this window's host open to it, for as long as the window is. */
export function knockWhileOpen(parts: Parts): Disposable {
  const reopen = new Reopen({ ...parts, door: parts.windowDoor });
  const watch = new Watch({
    wallMs: () => parts.clock.wallMs(),
    interfaces: networkInterfaces,
    settings: autoKnockSettings,
    notice: (occasion) => reopen.want(occasion),
  });
  const timer = setInterval(() => watch.tick(), TICK_MS);
  const focus = window.onDidChangeWindowState(({ focused }) => watch.focus(focused));
  return {
    dispose: () => {
      clearInterval(timer);
      focus.dispose();
      reopen.dispose();
    },
  };
}
