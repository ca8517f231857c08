import { commands, type Disposable, workspace } from 'vscode';
import type { Parts } from './parts.ts';
import { HOSTS_SETTING } from './settings.ts';

/** Tells the editor how far a person has come: the steps of the walkthrough are ticked off by it. */
export function followFirstRun({ keyring, hosts, states }: Pick<Parts, 'keyring' | 'hosts' | 'states'>): Disposable[] {
  const tellKeys = () => tell('knockgate.hasKey', keyring.taken.length > 0);
  const tellGates = () => tell('knockgate.hasGate', hosts().hosts.size > 0);
  tellKeys();
  tellGates();
  return [
    keyring.onDidChange(tellKeys),
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(HOSTS_SETTING)) tellGates();
    }),
    states.onDidChange((host) => {
      if (states.get(host).kind === 'open') tell('knockgate.hasOpened', true);
    }),
  ];
}

/** Not waited for: nothing depends on when the editor takes it in. */
function tell(key: string, value: boolean): void {
  commands.executeCommand('setContext', key, value);
}
