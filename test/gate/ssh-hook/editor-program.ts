import { createInterface } from 'node:readline';
import type { ExtensionContext } from 'vscode';
import { activate } from '../../../src/vscode/extension.ts';
import {
  answers,
  commands,
  configuration,
  documents,
  logged,
  registered,
  shown,
  workspace,
} from '../../rig/fake-vscode.ts';

/*
 * The extension itself, with all that it does to network, disk and sockets real, in the small editor of the unit tests:
 * as a program of its own, so that it can run in a namespace and be killed. Reads commands from stdin, a line each, and
 * agrees to whatever is asked.
 */

const { EDITOR_STORAGE = '', EDITOR_HELPER = '', EDITOR_KEY = '', EDITOR_HOSTS = '{}' } = process.env;

const state = new Map<string, unknown>();
const secrets = new Map([['knockgate.clientKey', EDITOR_KEY]]);
const subscriptions: { dispose(): unknown }[] = [];
const context = {
  subscriptions,
  globalStorageUri: { fsPath: EDITOR_STORAGE },
  asAbsolutePath: () => EDITOR_HELPER,
  workspaceState: { get: () => undefined, update: async () => {} },
  globalState: {
    get: (key: string) => state.get(key),
    update: async (key: string, value: unknown) => {
      state.set(key, value);
    },
  },
  secrets: { get: async (key: string) => secrets.get(key), store: async () => {}, delete: async () => {} },
};

/** Shown changes: the two sides, as texts. */
const compared: unknown[] = [];
const execute = commands.executeCommand;
commands.executeCommand = async (command, ...args) => {
  if (command === 'vscode.diff') compared.push(args.slice(0, 2).map(documents.get('knockgate-ssh-config') ?? String));
  await execute(command, ...args);
};

async function obey(line: string): Promise<void> {
  if (line === 'close') {
    for (const each of subscriptions) each.dispose();
    process.exit(0);
  }
  if (line.startsWith('{')) await workspace.getConfiguration('knockgate').update('hosts', JSON.parse(line));
  else {
    answers.push('Make This Change');
    await registered.get(line)?.();
  }
  reply({ shown: shown.splice(0).map(({ message }) => message), compared: compared.splice(0) });
}

function reply(value: object): void {
  process.stdout.write(`${JSON.stringify({ ...value, logged: logged.splice(0) })}\n`);
}

configuration.set('knockgate.hosts', JSON.parse(EDITOR_HOSTS));
// As much of it as the extension asks for.
activate(context as unknown as ExtensionContext).then(() => {
  reply({});
  createInterface({ input: process.stdin }).on('line', (line) => obey(line));
});
