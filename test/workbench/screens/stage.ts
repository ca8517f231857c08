import { existsSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import { formatGateLine, parseClientLine } from '../../../src/spa/enrolment.ts';
import { formatKey } from '../../../src/spa/keys.ts';
import { fakeRemoteSsh } from '../../rig/editor/fake-remote-ssh.ts';
import type { Window } from '../../rig/editor/window.ts';
import { THEMES, type Theme, Workbench } from '../../rig/editor/workbench.ts';
import { TARGET4, TARGET6 } from '../../rig/netns.ts';
import { Scene } from '../../rig/scene.ts';
import { STAGEHAND, stagehandSocket, tellStagehand } from './stagehand.ts';

/** Small, so that letters can be read when several pictures stand side by side. */
const SCREEN = { width: 880, height: 620 };

/** Nothing is half-way when a picture is taken. */
const NO_FADING = '*, *::before, *::after { animation-duration: 0s !important; transition: none !important; }';

/** On a busy machine extensions take long to start. */
const START_MS = 90_000;

/** Seconds: longer than all pictures take. */
export const GRANT = 900;

/** Whether the window has the size of its page. One that was still loading may have missed a change, and is told again. */
const FILLS_PAGE = `(() => {
  const { clientWidth, clientHeight } = document.querySelector('.monaco-workbench');
  if (clientWidth === innerWidth && clientHeight === innerHeight) return true;
  dispatchEvent(new Event('resize'));
  return false;
})()`;

/** A shell whose prompt says nothing of the machine. */
const PLAIN_SHELL = {
  'terminal.integrated.profiles.linux': {
    plain: { path: 'bash', args: ['--norc', '--noprofile'], env: { PS1: '$ ' } },
  },
  'terminal.integrated.defaultProfile.linux': 'plain',
};

/** Nothing moves, and nothing blinks, while a picture is taken. */
const STILL = {
  'workbench.reduceMotion': 'on',
  'editor.cursorBlinking': 'solid',
  'terminal.integrated.cursorBlinking': false,
  // With it, letters in a terminal would be pixels only.
  'terminal.integrated.gpuAcceleration': 'off',
  'workbench.list.smoothScrolling': false,
  'editor.minimap.enabled': false,
  'breadcrumbs.enabled': false,
  'workbench.hover.delay': 100,
  'workbench.layoutControl.enabled': false,
  ...PLAIN_SHELL,
};

/** How a stage differs from the usual one. */
export interface StageOptions {
  /** Language of the extension's own texts, as `vscode.env.language` has it; the editor's stay English without a language pack. */
  readonly language?: string;
  readonly screen?: { readonly width: number; readonly height: number };
}

/** The window in which everything is shown, with a gate behind it. */
export class Stage {
  readonly scene: Scene;
  readonly workbench: Workbench;
  readonly window: Window;
  private present: Theme = 'dark';

  private constructor(parts: Pick<Stage, 'scene' | 'workbench' | 'window'>) {
    this.scene = parts.scene;
    this.workbench = parts.workbench;
    this.window = parts.window;
  }

  /** Sets it up. No host is known yet, and no key is made. */
  static async set(
    name: string,
    settings: Record<string, unknown> = {},
    { language, screen = SCREEN }: StageOptions = {},
  ): Promise<Stage> {
    const scene = await Scene.make({ name });
    try {
      const workbench = await Workbench.start(scene.pair.client, {
        vsix: [resolve('dist/knockgate.vsix')],
        madeUp: [STAGEHAND, fakeRemoteSsh(TARGET4)],
        settings: { ...STILL, 'workbench.colorTheme': THEMES.dark.name, ...settings },
      });
      if (language !== undefined)
        await workbench.browser.addInitScript(`globalThis._VSCODE_NLS_LANGUAGE = ${JSON.stringify(language)}`);
      const window = await workbench.open();
      await window.page.setViewportSize(screen);
      await window.eventually('the window to fill its page', () => window.page.evaluate<boolean>(FILLS_PAGE));
      const stage = new Stage({ scene, workbench, window });
      await stage.ready();
      return stage;
    } catch (error) {
      await scene.end();
      throw error;
    }
  }

  /** Ends everything. */
  async strike(): Promise<void> {
    await this.workbench.close();
    await this.scene.end();
  }

  /** Loads the window anew. */
  async reload(): Promise<void> {
    rmSync(this.socket);
    await this.window.reload();
    await this.ready();
  }

  /** Starts a command, and does not wait for its end: most ask something. */
  async start(command: string, ...args: readonly unknown[]): Promise<void> {
    await tellStagehand(this.workbench.home, 'start', command, ...args);
  }

  /** Runs a command to its end. */
  async run(command: string, ...args: readonly unknown[]): Promise<void> {
    await tellStagehand(this.workbench.home, 'run', command, ...args);
  }

  /** Changes a setting of the user. */
  async change(key: string, value: unknown): Promise<void> {
    await tellStagehand(this.workbench.home, 'set', key, value);
  }

  get theme(): Theme {
    return this.present;
  }

  /** Shows everything in another theme, whatever is open. */
  async show(theme: Theme): Promise<void> {
    if (theme === this.present) return;
    await this.change('workbench.colorTheme', THEMES[theme].name);
    await this.window.page.locator(`.monaco-workbench.${THEMES[theme].shownAs}`).waitFor({ timeout: 20_000 });
    this.present = theme;
  }

  /** Enrols this device's key, whose line is in the clipboard. */
  async enrol(): Promise<void> {
    const { key } = parseClientLine(await this.window.clipboard());
    await this.scene.reconfigure({ key: formatKey(key) });
  }

  /** Closes notifications, questions, menus and editors, and takes the mouse away. */
  async clear(): Promise<void> {
    // At the right edge: elsewhere the mouse would keep a tooltip open.
    const { width, height } = this.window.page.viewportSize() ?? SCREEN;
    await this.window.page.mouse.move(width - 20, height / 2);
    await this.window.page.keyboard.press('Escape');
    await this.run('notifications.clearAll');
    await this.run('workbench.action.closeAllEditors');
  }

  /** Keeps notifications on the screen meanwhile: the editor hides one after ten seconds, but not in a window without the focus. */
  async keepNotifications(action: () => Promise<void>): Promise<void> {
    const { page } = this.window;
    await page.evaluate('document.hasFocus = () => false');
    try {
      await action();
    } finally {
      await page.evaluate('delete document.hasFocus');
    }
  }

  /** The line of the gate of the scene, under a name as people would use. */
  get gateLine(): string {
    return this.scene.line.replace(/\S+$/, 'gate.example.org');
  }

  private get socket(): string {
    return stagehandSocket(this.workbench.home);
  }

  private async ready(): Promise<void> {
    await this.window.eventually('the stagehand', async () => existsSync(this.socket), START_MS);
    await this.window.page.addStyleTag({ content: NO_FADING });
  }
}

/** A line of a gate that does not know this device, at the address of the one that does. */
export function strangeGateLine(name: string): string {
  const key = nodeCrypto.publicKey(nodeCrypto.randomBytes(32));
  return formatGateLine({ key, slots: 32, addresses: [TARGET4, TARGET6], knockPorts: [443], name });
}
