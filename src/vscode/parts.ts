import type { Event, Memento } from 'vscode';
import type { Clock } from '../client/clock.ts';
import type { DiagnoseIo } from '../client/diagnose/diagnose.ts';
import type { About } from '../client/diagnose/report.ts';
import type { CryptoProvider } from '../spa/crypto.ts';
import type { SshDestination } from '../ssh/destination.ts';
import type { DiagnosisDocuments } from './diagnosis-documents.ts';
import type { Door, Doors } from './doors.ts';
import type { HostBook } from './host-book.ts';
import type { HostStates } from './host-states.ts';
import type { KeyFile } from './key-file.ts';
import type { Keyring } from './keyring.ts';
import type { Knocker } from './knocker.ts';
import type { Log } from './log.ts';
import type { Marks } from './marks.ts';
import type { SshHook } from './ssh-hook/ssh-hook.ts';
import type { Turns } from './turns.ts';

/** The parts of the running extension, put together once in extension.ts: what commands and views work with. */
export interface Parts {
  readonly log: Log;
  readonly showLog: () => void;
  readonly clock: Clock;
  readonly crypto: CryptoProvider;
  readonly keyring: Keyring;
  /** Where keys are when the setting says so. */
  readonly keyFile: KeyFile;
  /** The hosts with a gate, as the setting has them now. */
  readonly hosts: () => HostBook;
  /** The hosts that the SSH configuration names, read now. */
  readonly sshAliases: () => readonly string[];
  /** Finds what to knock at on the way to a host. */
  readonly doors: Doors;
  /** Where this window goes over SSH; undefined when it does not, or that cannot be told. */
  readonly destination: SshDestination | undefined;
  /** The door on the way to this window's host, when it goes over SSH and one is known. */
  readonly windowDoor: () => Door | undefined;
  readonly states: HostStates;
  /** What the windows of this device tell each other of open doors. */
  readonly turns: Turns;
  readonly knocker: Knocker;
  /** What a diagnosis needs from outside, and where it is shown. */
  readonly diagnoseIo: DiagnoseIo;
  readonly diagnoses: DiagnosisDocuments;
  /** What an issue should say of this extension and this computer. */
  readonly about: About;
  readonly sshHook: SshHook;
  readonly marks: Marks;
  /** Shared by all windows of this device, never synced. */
  readonly globalState: Pick<Memento, 'get' | 'update'>;
  /** Reads again what the hosts view shows. */
  readonly refreshHosts: () => void;
  readonly onRefreshHosts: Event<void>;
  /** What a gate is to call this device's key. */
  readonly keyName: string;
}
