import { homedir } from 'node:os';
import { join } from 'node:path';
import { type ExtensionContext, env, l10n, type Memento, window, workspace } from 'vscode';
import { speak } from '../../base/phrase.ts';
import { LEDGER } from '../../client/config-folder.ts';
import type { KnockIo } from '../../client/gate/knock-io.ts';
import { Ledger } from '../../client/gate/ledger.ts';
import type { KeySource } from '../../client/hosts/server-kind.ts';
import { deriveWithScrypt } from '../../client/keys/scrypt.ts';
import { probeTcp } from '../../client/network/probe.ts';
import type { Resolve } from '../../client/network/resolve.ts';
import { resolveBySystem } from '../../client/network/resolve.ts';
import { openUdpRoute } from '../../client/network/udp.ts';
import { type Clock, systemClock } from '../../os/clock.ts';
import type { CryptoProvider } from '../../spa/crypto.ts';
import type { SshDestination } from '../../ssh/destination.ts';
import { ownAccount } from '../../ssh/own-account.ts';
import { type HostBook, readHostBook } from '../hosts/host-book.ts';
import { GpgKeys } from '../keys/gpg-keys.ts';
import { hostKeysFinder } from '../keys/host-keys.ts';
import { HostSecrets } from '../keys/host-secrets.ts';
import { keptKeys } from '../keys/kept-keys.ts';
import { KeyFile } from '../keys/key-file.ts';
import { Keyring } from '../keys/keyring.ts';
import { chosenStore } from '../keys/secret-store.ts';
import { type Log, printableLog } from '../log.ts';
import { hostsSetting, keyStoreSetting } from '../settings.ts';
import type { Computer } from '../ssh/ssh-config-files.ts';
import { lookWithSsh } from '../ssh/ssh-look.ts';
import { type Door, Doors } from './doors.ts';
import { HostStates } from './host-states.ts';
import { Turns } from './knock-turns.ts';
import { Knocker } from './knocker.ts';
import type { Marks } from './load-marks.ts';
import { pendingConnect } from './pending-connect.ts';
import { Routes } from './routes.ts';
import { windowAuthority } from './window-authority.ts';
import { windowDestination } from './window-host.ts';

/** Parts that a knock needs: no others exist before the packet of a connecting window is out. */
export interface KnockParts {
  readonly log: Log;
  readonly showLog: () => void;
  readonly clock: Clock;
  readonly crypto: CryptoProvider;
  readonly keyring: Keyring;
  /** File with the keys, if the setting says so. */
  readonly keyFile: KeyFile;
  /** Keys that are shared with servers that are not gates of ours. */
  readonly hostSecrets: HostSecrets;
  /** Those of them that are OpenPGP keys, opened. */
  readonly gpgKeys: GpgKeys;
  /** Keys of every kind, as this editor keeps them. */
  readonly keys: KeySource;
  /** Hosts in the setting now. */
  readonly hosts: () => HostBook;
  /** Finds the host to knock at on the way to another. */
  readonly doors: Doors;
  /** Destination of this window over SSH; undefined when it has none, or it is unknown. */
  readonly destination: SshDestination | undefined;
  /** Host to knock at for this window, if it goes over SSH and one is known. */
  readonly windowDoor: () => Door | undefined;
  readonly states: HostStates;
  /** Notes of the windows of this device, which tell each other which hosts are open. */
  readonly turns: Turns;
  readonly knocker: Knocker;
  readonly marks: Marks;
  /** State that all windows of this device share, never synced. */
  readonly globalState: Pick<Memento, 'get' | 'update'>;
  /** Access to the network, the clock and the ledger, for all of the client. */
  readonly outside: KnockIo & { readonly resolve: Resolve };
  readonly computer: Computer;
  /** Folder of the extension, shared by all windows. */
  readonly storage: string;
}

/** Puts the parts together. Nothing is shown, read or asked yet. */
export function composeKnock(context: ExtensionContext, crypto: CryptoProvider, marks: Marks): KnockParts {
  // It is called for each text, so nothing is loaded now.
  speak(l10n.t);
  const clock = systemClock;
  const channel = window.createOutputChannel('Knockgate', { log: true });
  context.subscriptions.push(channel);
  const log = printableLog(channel);
  const hosts = () => readHostBook(hostsSetting());
  const storage = context.globalStorageUri.fsPath;
  const keyFile = new KeyFile(join(storage, 'keys'), {
    crypto,
    deriveKey: deriveWithScrypt,
    sleep: (ms) => clock.sleep(ms),
  });
  const secrets = chosenStore(() => (keyStoreSetting() === 'file' ? keyFile : context.secrets));
  const keyring = new Keyring(secrets, context.globalState, crypto);
  const hostSecrets = new HostSecrets(secrets, context.globalState);
  const gpgKeys = new GpgKeys(hostSecrets);
  const states = new HostStates(() => clock.wallMs());
  const turns = new Turns(join(storage, 'turns'), clock, crypto.randomBytes);
  const ledger = new Ledger(join(storage, LEDGER), clock, crypto);
  const outside = { clock, crypto, resolve: resolveBySystem, openRoute: openUdpRoute, probe: probeTcp, ledger };
  const keys = keptKeys(hostKeysFinder(keyring, hosts, log), hostSecrets, gpgKeys);
  const knocker = new Knocker({ ...outside, turns, keys, states, log, marks });
  const destination = windowDestination({
    workspaceFile: workspace.workspaceFile?.authority,
    firstFolder: workspace.workspaceFolders?.[0]?.uri.authority,
    isRemote: env.remoteName !== undefined,
    ownAuthority: windowAuthority,
    pending: pendingConnect(context.globalState, clock.wallMs()),
  });
  const computer = {
    homeFolder: homedir(),
    // It is looked up when it is needed: the password file may be on a server.
    get sshHome() {
      return ownAccount().home;
    },
    platform: process.platform,
    env: process.env,
  };
  const doors = new Doors(new Routes(lookWithSsh(computer), context.globalState), hosts);
  return {
    log,
    showLog: () => channel.show(),
    clock,
    crypto,
    keyring,
    keyFile,
    hostSecrets,
    gpgKeys,
    keys,
    hosts,
    doors,
    destination,
    windowDoor: () => (destination === undefined ? undefined : doors.known(destination)),
    states,
    turns,
    knocker,
    marks,
    globalState: context.globalState,
    outside,
    computer,
    storage,
  };
}
