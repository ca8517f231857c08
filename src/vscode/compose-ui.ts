import { hostname, networkInterfaces, userInfo } from 'node:os';
import { join } from 'node:path';
import { type Disposable, EventEmitter, type ExtensionContext, l10n, workspace } from 'vscode';
import { version } from '../../package.json';
import { configFolder, LEDGER } from '../client/config-folder.ts';
import { readGreeting } from '../client/diagnose/greeting.ts';
import { Ledger } from '../client/gate/ledger.ts';
import { usualName } from '../client/keys/key-name.ts';
import { shortPathOf } from '../ssh/hook/windows-folder.ts';
import { logProblem } from './ask/show-problem.ts';
import { window } from './ask/window.ts';
import { knockWhileOpen } from './auto-knock/while-open.ts';
import { DiagnosisDocuments } from './diagnosis-documents.ts';
import { showHostsView } from './hosts-view/hosts-view.ts';
import type { KnockParts } from './knock/knock-parts.ts';
import { followFiles, OpenedElsewhere } from './knock/opened-elsewhere.ts';
import { noteOpened } from './knock/opened-hosts.ts';
import type { Deployment, Parts } from './parts.ts';
import { loadCommands, registerCommands } from './register-commands.ts';
import { gateLinkHandler } from './set-up/gate-link-handler.ts';
import { notedSetUp } from './set-up/set-up-note.ts';
import { HOSTS_SETTING } from './settings.ts';
import { sshAliases } from './ssh/ssh-config-files.ts';
import { offerHook } from './ssh-hook/offer.ts';
import { SshHook } from './ssh-hook/ssh-hook.ts';
import { ContextKeys } from './status/context-keys.ts';
import { Lock } from './status/status-item.ts';

/** Registers commands and shows the views: everything that a window needs once it has knocked. */
export function showUp(context: ExtensionContext, knockParts: KnockParts): void {
  const { subscriptions } = context;
  const parts = complete(context, knockParts);
  const { clock, states, sshHook, windowDoor } = parts;
  const lock = new Lock({ ...parts, windowHost: () => windowDoor()?.host.name, wallMs: () => clock.wallMs() });
  const contextKeys = new ContextKeys(parts);
  subscriptions.push(...registerCommands(parts, () => contextKeys.refresh()), contextKeys);
  subscriptions.push(states, lock, ...showHostsView(parts), showWhatOthersOpen(parts), rememberOpened(parts));
  subscriptions.push(window.registerUriHandler(gateLinkHandler(parts)));
  if (parts.destination !== undefined)
    subscriptions.push(knockWhileOpen(parts, parts.destination, context.workspaceState));
  subscriptions.push(
    workspace.onDidChangeConfiguration((event) => {
      if (!event.affectsConfiguration(HOSTS_SETTING)) return;
      lock.refresh();
      sshHook.refresh();
    }),
  );
  // Nothing depends on it, so nothing waits for it.
  tellOfSetUp(parts);
  sshHook.start();
  subscriptions.push(sshHook, offerHook(parts));
}

/** Says what a closed window may have left on a server. Few windows have to: the code for it is loaded then. */
async function tellOfSetUp(parts: Parts): Promise<void> {
  if (notedSetUp(parts.globalState) === undefined) return;
  const { tellOfInterruptedSetUp } = await loadCommands();
  await tellOfInterruptedSetUp(parts);
}

/**
 * Shows ports that were open before this window was reloaded, and those that other windows and the command line open from now on.
 */
function showWhatOthersOpen({ computer, clock, crypto, hosts, states, turns, doors }: KnockParts): Disposable {
  const path = join(configFolder(computer), LEDGER);
  const elsewhere = new OpenedElsewhere({
    ledger: new Ledger(path, clock, crypto),
    ownAddresses: () => Object.values(networkInterfaces()).flatMap((each) => each?.map(({ address }) => address) ?? []),
    wallMs: () => clock.wallMs(),
    ...{ hosts, states, turns, doors },
  });
  return followFiles([path, turns.folder], () => elsewhere.look());
}

/** Remembers which hosts have opened: errors of a host that never did say something else. */
function rememberOpened({ states, hosts, globalState, clock, log }: Parts): Disposable {
  const note = async (name: string) => {
    const book = hosts();
    const host = book.hosts.get(name);
    if (host === undefined || states.get(name).kind !== 'open') return;
    try {
      await noteOpened(globalState, host, clock.wallMs(), new Set(book.hosts.keys()));
    } catch (error) {
      logProblem(error, log);
    }
  };
  // A host may have opened before anybody listened.
  for (const name of hosts().hosts.keys()) note(name);
  return states.onDidChange(note);
}

/** Puts the rest of the parts together. */
function complete(context: ExtensionContext, knockParts: KnockParts): Parts {
  const { computer, log, outside } = knockParts;
  const helper = () => context.asAbsolutePath('dist/ssh-hook.cjs');
  const shortPath = (folder: string) => shortPathOf(folder, computer.env);
  const sshHook = new SshHook({
    ...knockParts,
    helper,
    runtime: process.execPath,
    shortPath,
    interfaces: networkInterfaces,
  });
  const refresh = new EventEmitter<void>();
  const diagnoses = new DiagnosisDocuments(log, context.workspaceState);
  context.subscriptions.push(refresh, diagnoses);
  return {
    ...knockParts,
    sshAliases: () => sshAliases(computer),
    diagnoseIo: { ...outside, readGreeting },
    diagnoses,
    about: { version, system: `${process.platform} ${process.arch}` },
    sshHook,
    loadDeployment,
    programFolder: () => context.asAbsolutePath('dist'),
    refreshHosts: () => refresh.fire(),
    onRefreshHosts: refresh.event,
    keyName: usualName(userName(), hostname()),
  };
}

/** Loads the code that sets up gates, in the language of the editor. */
async function loadDeployment(): Promise<Deployment> {
  const deployment = await import('../deploy/main.ts');
  deployment.speak(l10n.t);
  return deployment;
}

/** A user without an entry in the password file has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'user';
  }
}
