import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { startBrowser } from './browser.ts';
import { Home } from './home.ts';
import { editorForRemoteWindows } from './remote-editor.ts';
import { installExtensions, type Server, startServer } from './server.ts';
import { idOf, type MadeUpExtension, writeVsix } from './vsix.ts';
import { Window } from './window.ts';

/** The themes that contact sheets show, each with the class that the workbench gets in it. */
export const THEMES = {
  dark: { name: 'Dark 2026', shownAs: 'vs-dark' },
  light: { name: 'Light 2026', shownAs: 'vs' },
  'high contrast': { name: 'Default High Contrast', shownAs: 'hc-black' },
} as const;

/** One of the themes. */
export type Theme = keyof typeof THEMES;

/** It runs where the files are rather than in the browser, whatever its manifest says: only there is UDP. */
const OURS = 'knockgate.knockgate';

/** How windows look, and nothing in them that a test did not ask for. */
const QUIET = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'window.autoDetectColorScheme': false,
  'extensions.ignoreRecommendations': true,
  'telemetry.telemetryLevel': 'off',
  'git.enabled': false,
  'window.commandCenter': false,
  'update.mode': 'none',
};

export interface WorkbenchOptions {
  /** Packaged extensions, installed as they are. */
  vsix?: readonly string[];
  /** Extensions that the test makes up. */
  madeUp?: readonly MadeUpExtension[];
  /** More settings of the user. */
  settings?: Record<string, unknown>;
  /** `~/.ssh/config`. */
  sshConfig?: string;
  /** Whether its windows can be windows over SSH: remote-window.ts. */
  remoteWindows?: boolean;
}

/** Makes a home with everything in it that a workbench is to find: extensions, settings, the SSH configuration. */
export async function furnish(ns: string, options: WorkbenchOptions = {}): Promise<Home> {
  const { vsix = [], madeUp = [], sshConfig = '' } = options;
  const home = new Home();
  try {
    const kinds = Object.fromEntries([OURS, ...madeUp.map(idOf)].map((id) => [id, ['workspace']]));
    const settings = { ...QUIET, 'remote.extensionKind': kinds, ...options.settings };
    writeFileSync(home.settingsFile, JSON.stringify(settings, null, 2));
    writeFileSync(home.sshConfig, sshConfig, { mode: 0o600 });
    const packed = madeUp.map((extension) => {
      const file = join(home.dir, `${idOf(extension)}.vsix`);
      writeVsix(file, extension);
      return file;
    });
    await installExtensions(ns, home, [...vsix, ...packed]);
    return home;
  } catch (error) {
    home.delete();
    throw error;
  }
}

/** A real VS Code workbench for one person, in a namespace: a server, and a browser that shows it. */
export class Workbench {
  readonly home: Home;
  readonly server: Server;
  readonly browser: BrowserContext;

  private constructor(parts: Pick<Workbench, 'home' | 'server' | 'browser'>) {
    this.home = parts.home;
    this.server = parts.server;
    this.browser = parts.browser;
  }

  /** Installs the extensions and starts server and browser; no window is open yet. */
  static async start(ns: string, options: WorkbenchOptions = {}): Promise<Workbench> {
    const home = await furnish(ns, options);
    try {
      const server = await startServer(
        ns,
        home,
        options.remoteWindows ? { instead: editorForRemoteWindows(home) } : {},
      );
      const browser = await startBrowser(ns, home).catch(async (error) => {
        await server.stop();
        throw error;
      });
      return new Workbench({ home, server, browser });
    } catch (error) {
      home.delete();
      throw error;
    }
  }

  /**
   * Opens a window: of the workspace's folder, or of what is given, in the words of the page's address.
   * @param page to open it in; undefined for an empty one
   */
  async open(query = `folder=${encodeURIComponent(this.home.workspace)}`, page?: Page): Promise<Window> {
    const blank = this.browser.pages().find((each) => each.url() === 'about:blank');
    const window = new Window(page ?? blank ?? (await this.browser.newPage()), `${this.server.address}/?${query}`);
    await window.load();
    return window;
  }

  /** Changes settings of the user. Windows see them when they are loaded the next time. */
  change(settings: Record<string, unknown>): void {
    const present = JSON.parse(readFileSync(this.home.settingsFile, 'utf8')) as Record<string, unknown>;
    writeFileSync(this.home.settingsFile, JSON.stringify({ ...present, ...settings }, null, 2));
  }

  /** A setting of the user as it is written now. */
  setting(name: string): unknown {
    const present = JSON.parse(readFileSync(this.home.settingsFile, 'utf8')) as Record<string, unknown>;
    return present[name];
  }

  /** Writes `~/.ssh/config` anew. */
  writeSshConfig(text: string): void {
    writeFileSync(this.home.sshConfig, text, { mode: 0o600 });
  }

  /** Changes the theme, and loads a window anew, which shows it from then on. */
  async theme(theme: Theme, window: Window): Promise<void> {
    const { name, shownAs } = THEMES[theme];
    this.change({ 'workbench.colorTheme': name });
    await window.reload();
    await window.page.locator(`.monaco-workbench.${shownAs}`).waitFor({ timeout: 20_000 });
  }

  /** Text that extensions wrote to the output channel of that name, over all windows, the oldest first. */
  output(channel: string): string {
    const files = this.logFiles().filter((file) => file.endsWith(`${channel}.log`));
    return files.map((file) => readFileSync(file, 'utf8')).join('');
  }

  /** The log files of the editor and of its extensions. */
  logFiles(): string[] {
    const logs = join(this.home.userData, 'logs');
    const entries = readdirSync(logs, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  }

  /** Ends everything and deletes what was made. */
  async close(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
    this.home.delete();
  }
}
