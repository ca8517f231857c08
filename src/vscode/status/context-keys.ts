import { commands, type Disposable, window, workspace } from 'vscode';
import { kindOf } from '../../client/hosts/kinds.ts';
import { gatesOf } from '../hosts/host-book.ts';
import { hasOpened } from '../knock/opened-hosts.ts';
import type { Parts } from '../parts.ts';
import { HOSTS_SETTING, keyStoreSetting } from '../settings.ts';

interface Followed extends Pick<Parts, 'hosts' | 'keyring' | 'states'> {
  readonly globalState: Pick<Parts['globalState'], 'get'>;
  readonly keyFile: Pick<Parts['keyFile'], 'isLocked'>;
  readonly sshHook: Pick<Parts['sshHook'], 'isOn'>;
}

/**
 * Context keys for the `when` clauses of package.json: menus, palette and walkthrough. Computed after the packet is
 * out: nothing here may delay a window that is about to connect.
 */
function contextKeys(parts: Followed): Readonly<Record<string, boolean>> {
  const { keyring, keyFile, sshHook, states, globalState } = parts;
  const book = parts.hosts();
  const hosts = [...book.hosts.values()];
  return {
    'knockgate.hasHosts': hosts.length + book.broken.size > 0,
    'knockgate.hasGate': gatesOf(book).length > 0,
    'knockgate.hasSharedKeys': hosts.some((host) => kindOf(host).sharesKeys(host)),
    'knockgate.hasPsk': hosts.some(({ name }) => keyring.hasPsk(name)),
    'knockgate.hasKey': keyring.taken.length > 0,
    'knockgate.hasIdentities': keyring.identities.length > 1,
    'knockgate.rotating': keyring.identities.some((identity) => keyring.isRotating(identity)),
    'knockgate.keysLocked': keyStoreSetting() === 'file' && keyFile.isLocked,
    'knockgate.hookEnabled': sshHook.isOn,
    'knockgate.hasOpened': hosts.some((host) => states.get(host.name).kind === 'open' || hasOpened(globalState, host)),
  };
}

/** Sets the context keys, at the start and whenever one changes. */
export class ContextKeys implements Disposable {
  private readonly parts: Followed;
  private readonly told = new Map<string, boolean>();
  private readonly subscriptions: readonly Disposable[];

  constructor(parts: Followed) {
    this.parts = parts;
    this.refresh();
    this.subscriptions = [
      parts.keyring.onDidChange(() => this.refresh()),
      workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(HOSTS_SETTING) || event.affectsConfiguration('knockgate.keyStore'))
          this.refresh();
      }),
      // Another window may have turned the hook on, or made a key, meanwhile.
      window.onDidChangeWindowState(({ focused }) => {
        if (focused) this.refresh();
      }),
      parts.states.onDidChange((host) => {
        if (parts.states.get(host).kind === 'open') this.refresh();
      }),
    ];
  }

  /** Call it after anything that may have changed a key. */
  refresh(): void {
    for (const [key, value] of Object.entries(contextKeys(this.parts))) this.tell(key, value);
  }

  private tell(key: string, value: boolean): void {
    if (this.told.get(key) === value) return;
    this.told.set(key, value);
    // Nothing depends on when the editor applies it, so nothing waits.
    commands.executeCommand('setContext', key, value);
  }

  dispose(): void {
    for (const each of this.subscriptions) each.dispose();
  }
}
