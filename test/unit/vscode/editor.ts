import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ExtensionContext } from 'vscode';
import { activate } from '../../../src/vscode/extension.ts';
import { answers, configuration, registered, shown, statusBarItems } from '../../rig/fake-vscode.ts';
import { temporaryFolder } from '../client/support.ts';
import { FakeMemento } from './support.ts';

/** The editor's context for the extension, with the parts that the extension uses. */
export class FakeContext {
  readonly subscriptions: { dispose(): unknown }[] = [];
  readonly globalState: FakeMemento;
  readonly workspaceState = new FakeMemento();
  readonly globalStorageUri: { readonly fsPath: string };
  /** The secrets, by name. */
  readonly stored: Map<string, string>;
  readonly secrets = {
    get: async (name: string) => this.stored.get(name),
    store: async (name: string, value: string) => void this.stored.set(name, value),
    delete: async (name: string) => void this.stored.delete(name),
  };

  /** @param folder for its files, which another editor on the same device has too, as it has the memento */
  constructor(stored = new Map<string, string>(), folder = temporaryFolder(), globalState = new FakeMemento()) {
    this.stored = stored;
    this.globalStorageUri = { fsPath: join(folder, 'storage') };
    this.globalState = globalState;
    onTestFinished(() => {
      for (const each of this.subscriptions) each.dispose();
    });
  }

  readonly asAbsolutePath = (path: string) => path;
}

/** Starts the extension. */
export function start(context: FakeContext): Promise<void> {
  return activate(context as unknown as ExtensionContext);
}

/** Starts the extension in an editor that has keys of hosts: texts by the name of their host. */
export async function startEditor(keys: Readonly<Record<string, string>> = {}): Promise<Map<string, string>> {
  const context = new FakeContext();
  for (const [host, text] of Object.entries(keys)) {
    context.stored.set(`knockgate.hostKeys/${host}`, text);
    await context.globalState.update(`knockgate.hostKeys/${host}`, true);
  }
  await start(context);
  return context.stored;
}

/** Runs a command, and answers its questions with these texts. */
export function run(name: string, given: readonly unknown[] = [], argument?: unknown): unknown {
  answers.splice(0, answers.length, ...given);
  return registered.get(`knockgate.${name}`)?.(argument);
}

export const lock = () => statusBarItems.at(-1);
/** Messages of one kind that were shown. */
export const messages = (kind: string) => shown.filter((each) => each.kind === kind).map(({ message }) => message);
export const hosts = () => configuration.get('knockgate.hosts');
