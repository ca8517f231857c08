import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import type { HostBook } from '../../../src/vscode/hosts/host-book.ts';
import { Keyring } from '../../../src/vscode/keys/keyring.ts';
import { HostStates } from '../../../src/vscode/knock/host-states.ts';
import { ContextKeys } from '../../../src/vscode/status/context-keys.ts';
import { FakeMemento } from './support.ts';

/** The context keys of a window that has the hosts of `book`, with all that they follow in the caller's hands. */
export function followedKeys(book: HostBook = { hosts: new Map(), broken: new Map() }) {
  const secrets = new Map<string, string>();
  const store = {
    get: async (name: string) => secrets.get(name),
    store: async (name: string, value: string) => void secrets.set(name, value),
    delete: async (name: string) => void secrets.delete(name),
  };
  const keyring = new Keyring(store, new FakeMemento(), nodeCrypto);
  const states = new HostStates(() => 0);
  const [keyFile, sshHook] = [{ isLocked: true }, { isOn: false }];
  const globalState = new FakeMemento();
  const keys = new ContextKeys({ keyring, keyFile, states, sshHook, globalState, hosts: () => book });
  return { keys, keyring, keyFile, sshHook, states, globalState };
}
