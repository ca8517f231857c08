import type { Phrase } from '../../base/phrase.ts';
import type { ExportedHost } from '../../client/keys/exported-key.ts';
import type { ClientEnrolment } from '../../spa/enrolment.ts';

/** How the owner gets in when this device or its key is lost. */
export type SecondWay =
  /** A key of its own, kept elsewhere. */
  | { readonly kind: 'recovery-key'; readonly client: ClientEnrolment; readonly keeper: KeyKeeper }
  | { readonly kind: 'device'; readonly client: ClientEnrolment }
  /** Networks that are never gated: those of `DeployOptions`. */
  | { readonly kind: 'trusted-network' }
  /** Clients or networks that the gate already knows. */
  | { readonly kind: 'present' }
  /** The owner has declined one, in so many words. */
  | { readonly kind: 'declined' };

/** Keeps a recovery key for its owner. */
export interface KeyKeeper {
  /** The file; undefined until the owner has chosen one. */
  readonly path: string | undefined;
  /**
   * Puts the key where its owner wants it. Called before anything is changed on the host: nobody has to answer during a trial.
   * @returns false when the person cancels
   * @throws Problem `file-unusable`
   */
  secure(): Promise<boolean>;
  /**
   * Adds what it takes to use the key. Called before anything is hidden.
   * @throws Problem `recovery-file-changed`, `file-unusable`
   */
  complete(name: string, host: ExportedHost): Promise<void>;
  /**
   * The gate was not kept, so the key opens nothing there.
   * @returns how the file is now; undefined when there is nothing to tell
   */
  discard(): Promise<Phrase | undefined>;
}
