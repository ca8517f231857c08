import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startServer } from '../rig/editor/server.ts';
import type { MadeUpExtension } from '../rig/editor/vsix.ts';
import type { Window } from '../rig/editor/window.ts';
import { Workbench } from '../rig/editor/workbench.ts';
import { createPair, type Pair, processesIn } from '../rig/netns.ts';
import { loadNft } from '../rig/nft.ts';
import { isAlive, signalQuietly, sleep } from '../rig/process.ts';

/** Notes the process of the extension host, which is on the side of the server. */
const NOTES_HOST: MadeUpExtension = {
  publisher: 'rig',
  name: 'notes-host',
  manifest: { extensionKind: ['workspace'], activationEvents: ['onStartupFinished'] },
  main: `
    const { appendFileSync } = require('node:fs');
    const { join } = require('node:path');
    exports.activate = () => appendFileSync(join(require('node:os').homedir(), 'hosts'), process.pid + '\\n');`,
};

/** Long enough for the editor to wait for ten seconds or more before its next attempt. */
const AWAY_MS = 64_000;

/** Whether a process belongs to the editor's server; the browser does not. */
function isOfServer(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('/code-server/');
  } catch {
    // It has ended meanwhile.
    return false;
  }
}

/*
 * Facts about the editor that docs/remote-windows.md and the default of knockgate.autoKnock.reconnect rely on. Nothing of Knockgate
 * is in this test: an editor's own connection to its own server is cut.
 */
describe('the connection between the editor and its server', () => {
  let pair: Pair;
  let workbench: Workbench;
  let window: Window;

  beforeEach(async () => {
    pair = await createPair({ name: 'connection' });
    workbench = await Workbench.start(pair.client, { madeUp: [NOTES_HOST] });
    window = await workbench.open();
    await window.eventually('the extension host', async () => hosts().length === 1, 90_000);
  });
  afterEach(async () => {
    await workbench?.close();
    pair?.destroy();
  });

  const linesOf = (file: string) => {
    const path = join(workbench.home.folder, file);
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
  };
  const hosts = () => linesOf('hosts').map(Number);
  const cut = () => {
    const { port } = new URL(workbench.server.address);
    const drop = `tcp dport ${port} drop; tcp sport ${port} drop;`;
    return loadNft(pair.client, `table inet away { chain everything { type filter hook input priority 0; ${drop} }; }`);
  };
  const mend = () => loadNft(pair.client, 'delete table inet away');

  /** Opens a terminal that prints 300 lines and then a sign of life each second. */
  const openTerminal = async () => {
    await window.runCommand('Terminal: Create New Terminal');
    await window.page.locator('.terminal-wrapper.active .xterm').waitFor();
    await sleep(2000);
    await window.page.keyboard.type('echo $$ > ~/shell; seq 300; while sleep 1; do date >> ~/ticks; done\n');
    await window.eventually('the shell', async () => linesOf('ticks').length > 1);
    return Number(linesOf('shell')[0]);
  };

  it('keeps extensions and terminals on the server until the editor connects again', async () => {
    const shell = await openTerminal();
    await cut();
    await sleep(AWAY_MS);
    const ticks = linesOf('ticks').length;
    await mend();
    const dialog = window.page.getByText(/Attempting to reconnect|Disconnected/);
    await window.eventually('the connection', async () => (await dialog.count()) === 0, 60_000);
    expect(hosts()).toHaveLength(1);
    expect(isAlive(hosts()[0] ?? 0)).toBe(true);
    expect(isAlive(shell)).toBe(true);
    expect(ticks).toBeGreaterThan(AWAY_MS / 2000);
  });

  it('is made anew by a reload, which keeps terminals and starts the extensions on the server anew', async () => {
    const shell = await openTerminal();
    await cut();
    await sleep(AWAY_MS);
    await mend();
    await window.reload();
    // The first one lives on for some minutes, in case somebody comes back to it. No window can.
    await window.eventually('another extension host', async () => new Set(hosts()).size === 2, 60_000);
    await window.page.locator('.terminal-wrapper.active .xterm').waitFor({ timeout: 60_000 });
    expect(isAlive(shell)).toBe(true);
    const ticks = linesOf('ticks').length;
    await window.eventually('the terminal to go on', async () => linesOf('ticks').length > ticks);
    await window.page.locator('.terminal-wrapper.active .xterm').click();
    await window.page.keyboard.press('Control+C');
    await window.page.keyboard.type('echo again > ~/typed\n');
    await window.eventually('the shell to hear', async () => linesOf('typed')[0] === 'again');
    expect(Number(linesOf('shell')[0])).toBe(shell);
  });

  it('is given up when the server has started anew: only a reload connects then', async () => {
    await window.runCommand('File: New Untitled Text File');
    await window.page.locator('.tab.active', { hasText: 'Untitled-1' }).waitFor();
    await window.page.keyboard.type('written nowhere');
    await window.page.locator('.tab.dirty').waitFor();
    // As long as the editor takes to write a copy.
    await sleep(5000);
    const port = Number(new URL(workbench.server.address).port);
    for (const pid of processesIn(pair.client).filter(isOfServer)) signalQuietly(pid, 'SIGKILL');
    // It ends with the workbench: they share a home.
    await startServer(pair.client, workbench.home, { port });
    await window.page.getByText('Cannot reconnect. Please reload the window.').waitFor({ timeout: 90_000 });
    await window.reload();
    await window.page.locator('.tab.dirty', { hasText: 'Untitled-1' }).click();
    await window.page.locator('.view-lines', { hasText: 'written nowhere' }).waitFor();
  });
});
