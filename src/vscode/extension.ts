// The first to run, so that it knows when that was.
import './load-time.ts';
import { randomBytes } from 'node:crypto';
import { homedir, hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { EventEmitter, type ExtensionContext, env, window, workspace } from 'vscode';
import { version } from '../../package.json';
import { systemClock } from '../client/clock.ts';
import { readGreeting } from '../client/diagnose/greeting.ts';
import { usualName } from '../client/key-name.ts';
import { Ledger } from '../client/ledger.ts';
import { probeTcp } from '../client/probe.ts';
import { resolveBySystem } from '../client/resolve.ts';
import { deriveWithScrypt } from '../client/scrypt.ts';
import { openUdpRoute } from '../client/udp.ts';
import { nobleCrypto } from '../spa/crypto-noble.ts';
import { knockBeforeConnecting } from './auto-knock/on-open.ts';
import { knockWhileOpen } from './auto-knock/while-open.ts';
import { registerCommands } from './commands.ts';
import { DiagnosisDocuments } from './diagnosis-documents.ts';
import { type Door, Doors } from './doors.ts';
import { followFirstRun } from './first-run.ts';
import { readHostBook } from './host-book.ts';
import { hostKeysFinder } from './host-keys.ts';
import { HostStates } from './host-states.ts';
import { showHostsView } from './hosts-view/hosts-view.ts';
import { KeyFile } from './key-file.ts';
import { Keyring } from './keyring.ts';
import { Knocker } from './knocker.ts';
import { LOADING_SINCE_MS } from './load-time.ts';
import { Lock } from './lock.ts';
import { Marks } from './marks.ts';
import type { Parts } from './parts.ts';
import { pendingConnect } from './pending-connect.ts';
import { Routes } from './routes.ts';
import { chosenStore } from './secret-store.ts';
import { autoKnockSettings, HOSTS_SETTING, hostsSetting, keyStoreSetting } from './settings.ts';
import { asProblem, logProblem } from './show-problem.ts';
import { sshAliases } from './ssh-config-files.ts';
import { SshHook } from './ssh-hook/ssh-hook.ts';
import { lookWithSsh } from './ssh-look.ts';
import { Turns } from './turns.ts';
import { windowDestination } from './window-host.ts';

const clock = systemClock;
const marks = new Marks(() => clock.monotonicMs(), LOADING_SINCE_MS);
marks.mark('loaded');

/**
 * Begins. In a window that is about to connect over SSH the editor waits for this before it does: the knock comes first,
 * everything else while it is on its way.
 */
export async function activate(context: ExtensionContext): Promise<void> {
  marks.mark('activate');
  const parts = compose(context);
  const door = doorOfWindow(parts);
  marks.mark('host known');
  const knocked = door === undefined ? undefined : knockBeforeConnecting(door, autoKnockSettings(), parts);
  try {
    showUp(context, parts);
  } catch (error) {
    // An error here would keep the window from waiting for the knock.
    logProblem(error, parts.log);
  }
  await knocked;
  marks.mark('activated');
  showOpenDoors(parts);
  // For the next time: the SSH configuration may have been changed.
  askForDoor(parts);
}

/** The door on the way to this window's host: at once when one is known; otherwise ssh has to be asked first. */
function doorOfWindow(parts: Parts): Promise<Door | undefined> | undefined {
  if (parts.destination === undefined || parts.hosts().hosts.size === 0) return undefined;
  const known = parts.windowDoor();
  return known === undefined ? askForDoor(parts) : Promise.resolve(known);
}

/** Asks ssh for the way to this window's host; what it says is kept for the next time. Never rejects. */
async function askForDoor({ destination, doors, log }: Parts): Promise<Door | undefined> {
  if (destination === undefined) return undefined;
  try {
    return await doors.find(destination);
  } catch (error) {
    // Most windows go to hosts without a gate.
    log.debug(asProblem(error).message);
    return undefined;
  }
}

/** Puts the parts together. */
function compose(context: ExtensionContext): Parts {
  const log = window.createOutputChannel('Knockgate', { log: true });
  context.subscriptions.push(log);
  const crypto = nobleCrypto((length) => randomBytes(length));
  const hosts = () => readHostBook(hostsSetting());
  // Shared by the windows of this device.
  const storage = context.globalStorageUri.fsPath;
  const keyFile = new KeyFile(join(storage, 'keys'), { crypto, deriveKey: deriveWithScrypt });
  const secrets = chosenStore(() => (keyStoreSetting() === 'file' ? keyFile : context.secrets));
  const keyring = new Keyring(secrets, context.globalState, crypto);
  const states = new HostStates(() => clock.wallMs());
  const turns = new Turns(join(storage, 'turns'), clock, crypto.randomBytes);
  const ledger = new Ledger(join(storage, 'ledger.json'), clock, crypto);
  const outside = { clock, crypto, resolve: resolveBySystem, openRoute: openUdpRoute, probe: probeTcp, ledger };
  const knocker = new Knocker({
    ...outside,
    turns,
    hostKeys: hostKeysFinder(keyring, hosts, log),
    states,
    log,
    marks,
  });
  const destination = windowDestination({
    workspaceFile: workspace.workspaceFile?.authority,
    firstFolder: workspace.workspaceFolders?.[0]?.uri.authority,
    isRemote: env.remoteName !== undefined,
    pending: pendingConnect(context.globalState, clock.wallMs()),
  });
  const computer = { homeFolder: homedir(), platform: process.platform, env: process.env };
  const doors = new Doors(new Routes(lookWithSsh(computer), context.globalState), hosts);
  const helper = () => context.asAbsolutePath('dist/ssh-hook.cjs');
  const runtime = process.execPath;
  const sshHook = new SshHook({
    clock,
    crypto,
    log,
    knocker,
    states,
    hosts,
    doors,
    storage,
    helper,
    computer,
    runtime,
  });
  const refresh = new EventEmitter<void>();
  const diagnoses = new DiagnosisDocuments(log);
  context.subscriptions.push(refresh, diagnoses);
  return {
    log,
    showLog: () => log.show(),
    clock,
    crypto,
    keyring,
    keyFile,
    hosts,
    sshAliases: () => sshAliases(computer),
    doors,
    destination,
    windowDoor: () => (destination === undefined ? undefined : doors.known(destination)),
    states,
    turns,
    knocker,
    diagnoseIo: { ...outside, readGreeting },
    diagnoses,
    about: { version, system: `${process.platform} ${process.arch}` },
    sshHook,
    marks,
    globalState: context.globalState,
    refreshHosts: () => refresh.fire(),
    onRefreshHosts: refresh.event,
    keyName: usualName(userName(), hostname()),
  };
}

/** Commands, and all that is seen. */
function showUp({ subscriptions }: ExtensionContext, parts: Parts): void {
  const lock = new Lock({ ...parts, windowHost: () => parts.windowDoor()?.host.name, wallMs: () => clock.wallMs() });
  subscriptions.push(...registerCommands(parts), parts.states, lock, ...showHostsView(parts));
  subscriptions.push(...followFirstRun(parts));
  if (parts.destination !== undefined) subscriptions.push(knockWhileOpen(parts));
  subscriptions.push(
    workspace.onDidChangeConfiguration((event) => {
      if (!event.affectsConfiguration(HOSTS_SETTING)) return;
      lock.refresh();
      parts.sshHook.refresh();
    }),
  );
  parts.sshHook.start();
  subscriptions.push(parts.sshHook);
}

/** Doors that were open before this window was reloaded, or that another one opened. */
function showOpenDoors({ hosts, states, turns }: Parts): void {
  for (const name of hosts().hosts.keys()) {
    const untilMs = turns.openUntil(name);
    if (untilMs !== undefined && states.get(name).kind === 'closed')
      states.set(name, { kind: 'open', untilMs, answer: undefined });
  }
}

/** A user without an entry in the password file has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'user';
  }
}
