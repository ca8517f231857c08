import type { Phrase } from '../../base/phrase.ts';
import type { ExportedHost } from '../../client/keys/exported-key.ts';
import type { ClientEnrolment } from '../../spa/enrolment.ts';

/** Way to get in when this device or its key is lost. */
export type SecondWay =
  /** Key of its own, kept elsewhere. */
  | { readonly kind: 'recovery-key'; readonly client: ClientEnrolment; readonly keeper: KeyKeeper }
  | { readonly kind: 'device'; readonly client: ClientEnrolment }
  /** Networks that need no knock: those of `DeployOptions`. */
  | { readonly kind: 'trusted-network' }
  /** Clients or networks that the gate already knows. */
  | { readonly kind: 'present' }
  /** None: the owner has declined it by typing a sentence. */
  | { readonly kind: 'declined' };

/** Keeps a recovery key for its owner. */
export interface KeyKeeper {
  /** The file; undefined until the owner has chosen one. */
  readonly path: string | undefined;
  /**
   * Saves the key where its owner wants it. Called before anything is changed on the host, so that nobody has to answer during a
   * trial.
   * @returns false when the person cancels
   * @throws Problem `file-unusable`
   */
  secure(): Promise<boolean>;
  /**
   * Adds the gate's line, which the key needs. Called before anything is hidden.
   * @throws Problem `recovery-file-changed`, `file-unusable`
   */
  complete(name: string, host: ExportedHost): Promise<void>;
  /**
   * Removes the gate, which was not kept, from the file.
   * @returns present state of the file; undefined when there is nothing to say
   */
  discard(): Promise<Phrase | undefined>;
}
