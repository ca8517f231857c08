import Module from 'node:module';
import * as editor from '../test/rig/fake-vscode.ts';

/*
 * The packaged extension in the small editor of the unit tests, whose answers are there at once: what remains is the
 * extension's own. Prints what it says of its timings. Arguments: dist/extension.js, its storage, the private key, the
 * setting of the hosts, the authority of the window's folder (empty for a local window).
 */

interface Extension {
  activate(context: unknown): Promise<void>;
}

const [main = '', storage = '', key = '', hosts = '{}', authority = ''] = process.argv.slice(2);

/** `require` as Node has it for the editor's extensions too: one name more. */
const loader = Module as unknown as { _load(name: string, ...rest: unknown[]): unknown };
const load = loader._load;
loader._load = (name, ...rest) => (name === 'vscode' ? editor : load(name, ...rest));

const state = new Map<string, unknown>();
const context = {
  subscriptions: [],
  globalStorageUri: { fsPath: storage },
  asAbsolutePath: (path: string) => path,
  workspaceState: { get: () => undefined, update: async () => {} },
  globalState: { get: (name: string) => state.get(name), update: async () => {} },
  secrets: { get: async () => key, store: async () => {}, delete: async () => {} },
};

async function run(): Promise<void> {
  editor.configuration.set('knockgate.hosts', JSON.parse(hosts));
  if (authority !== '') editor.workspace.workspaceFolders = [{ uri: { authority } }];
  const extension = require(main) as Extension;
  await extension.activate(context);
  await editor.registered.get('knockgate.showTimings')?.();
  process.stdout.write(editor.logged.join('\n'));
  process.exit(0);
}

run();
