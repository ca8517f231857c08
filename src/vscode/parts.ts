import type { Event } from 'vscode';
import type { About } from '../client/diagnose/report.ts';
import type { DiagnoseIo } from '../client/diagnose/walk.ts';
import type { DiagnosisDocuments } from './diagnosis-documents.ts';
import type { KnockParts } from './knock/knock-parts.ts';
import type { SshHook } from './ssh-hook/ssh-hook.ts';

/** Code that sets up gates: a bundle of its own. */
export type Deployment = typeof import('../deploy/main.ts');

/** All parts of the running extension, put together once in compose-ui.ts: commands and views work with them. */
export interface Parts extends KnockParts {
  /** Reads the names of hosts in the SSH configuration. */
  readonly sshAliases: () => readonly string[];
  /** Access to the network for a diagnosis, and the documents that show it. */
  readonly diagnoseIo: DiagnoseIo;
  readonly diagnoses: DiagnosisDocuments;
  /** Versions of this extension and this computer, for an issue. */
  readonly about: About;
  readonly sshHook: SshHook;
  /** Loads the code that sets up gates, when somebody needs it. */
  readonly loadDeployment: () => Promise<Deployment>;
  /** Folder of the files of the build. */
  readonly programFolder: () => string;
  /** Reads again what the hosts view shows. */
  readonly refreshHosts: () => void;
  readonly onRefreshHosts: Event<void>;
  /** Name for this device's key on a gate. */
  readonly keyName: string;
}
