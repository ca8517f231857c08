import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ExtensionContext } from 'vscode';
import { activate } from '../../../src/vscode/extension.ts';
import { temporaryFolder } from '../client/support.ts';
import { answers, configuration, registered, shown, statusBarItems } from './fake-vscode.ts';
import { FakeMemento } from './support.ts';

/** Starts the extension in an editor that has keys of hosts: texts by the name of their host. */
export async function startEditor(keys: Readonly<Record<string, string>> = {}): Promise<Map<string, string>> {
  const stored = new Map<string, string>();
  const globalState = new FakeMemento();
  for (const [host, text] of Object.entries(keys)) {
    stored.set(`knockgate.hostKeys/${host}`, text);
    await globalState.update(`knockgate.hostKeys/${host}`, true);
  }
  const subscriptions: { dispose(): unknown }[] = [];
  onTestFinished(() => {
    for (const each of subscriptions) each.dispose();
  });
  const context = {
    subscriptions,
    globalState,
    globalStorageUri: { fsPath: join(temporaryFolder(), 'storage') },
    secrets: {
      get: async (name: string) => stored.get(name),
      store: async (name: string, value: string) => void stored.set(name, value),
      delete: async (name: string) => void stored.delete(name),
    },
  };
  // As much of it as the extension asks for.
  await activate(context as unknown as ExtensionContext);
  return stored;
}

/** Runs a command, whose questions are answered with these. */
export function run(name: string, given: readonly unknown[] = [], argument?: unknown): unknown {
  answers.splice(0, answers.length, ...given);
  return registered.get(`knockgate.${name}`)?.(argument);
}

export const lock = () => statusBarItems.at(-1);
/** What was shown of one kind. */
export const messages = (kind: string) => shown.filter((each) => each.kind === kind).map(({ message }) => message);
export const hosts = () => configuration.get('knockgate.hosts');
