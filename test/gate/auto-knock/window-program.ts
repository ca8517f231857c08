import { createInterface } from 'node:readline';
import type { ExtensionContext } from 'vscode';
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import { Reopen } from '../../../src/vscode/auto-knock/reopen.ts';
import { type Occasion, Watch } from '../../../src/vscode/auto-knock/watch.ts';
import { composeKnock } from '../../../src/vscode/knock/knock-parts.ts';
import { Marks } from '../../../src/vscode/knock/load-marks.ts';
import { configuration, workspace } from '../../rig/fake-vscode.ts';

/*
 * A remote window that stays open: all of the extension that knocks, with real datagrams, in the small editor of the unit
 * tests, but for what it looks at to notice that the computer slept or moved. That is as stdin says, a word a line:
 *   knock  as when the window was opened       look  two seconds later
 *   sleep  an hour later                       move  in another network
 * Answers each with what it noticed, and how the host's door is when it has done something about it.
 */

const { WINDOW_STORAGE = '', WINDOW_KEY = '', WINDOW_HOSTS = '{}', WINDOW_AUTHORITY = '' } = process.env;
const SETTINGS = {
  enabled: true,
  timeoutMs: 2000,
  onWake: true,
  onNetworkChange: true,
  onReturn: true,
  onLostConnection: true,
  reconnect: 'wait' as const,
};

configuration.set('knockgate.hosts', JSON.parse(WINDOW_HOSTS));
workspace.workspaceFolders = [{ uri: { authority: WINDOW_AUTHORITY } }];
const context = {
  subscriptions: [],
  globalStorageUri: { fsPath: WINDOW_STORAGE },
  workspaceState: { get: () => undefined, update: async () => {} },
  globalState: { get: () => undefined, update: async () => {} },
  secrets: { get: async () => WINDOW_KEY, store: async () => {}, delete: async () => {} },
};
// As much of it as the extension asks for.
const parts = composeKnock(context as unknown as ExtensionContext, nodeCrypto, new Marks(() => 0, 0));
const { knocker, states, windowDoor } = parts;

const noticed: Occasion[] = [];
let wallMs = 0;
let address = '192.0.2.1';
const reopen = new Reopen({ ...parts, door: windowDoor });
const watch = new Watch({
  wallMs: () => wallMs,
  interfaces: () => ({
    eth0: [{ address, internal: false, family: 'IPv4', netmask: '255.255.255.0', mac: '', cidr: null }],
  }),
  settings: () => SETTINGS,
  notice: (occasion) => {
    noticed.push(occasion);
    reopen.want(occasion);
  },
});

/** Ends when the knock has a result. */
function outcome(host: string): Promise<void> {
  return new Promise((resolve) => {
    const { dispose } = states.onDidChange(() => {
      if (states.get(host).kind === 'knocking') return;
      dispose();
      resolve();
    });
  });
}

async function obey(word: string): Promise<void> {
  const door = windowDoor();
  if (door === undefined) throw new Error('a window without a host');
  const { name } = door.host;
  if (word === 'knock')
    await knocker.knock(door, { reason: word, force: false, trustMs: 0 }, new AbortController().signal);
  else {
    wallMs += word === 'sleep' ? 3_600_000 : 2000;
    if (word === 'move') address = '198.51.100.7';
    const done = outcome(name);
    watch.tick();
    if (noticed.length > 0) await done;
  }
  process.stdout.write(`${JSON.stringify({ noticed: noticed.splice(0), door: states.get(name).kind })}\n`);
}

createInterface({ input: process.stdin }).on('line', obey);
