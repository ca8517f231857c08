import { l10n } from 'vscode';
import type { AnyHost } from '../../client/hosts/kinds.ts';
import type { CryptoProvider } from '../../spa/crypto.ts';
import { parseName } from '../../spa/enrolment.ts';
import type { Step, TextStep } from '../ask/ask-in-steps.ts';
import { complaintOf } from '../ask/form-field.ts';
import { sameName } from '../hosts/host-book.ts';
import type { HostFields } from '../hosts/write-hosts.ts';

/** A kind of host as it is added and edited: everything that differs between kinds. */
export interface HostForm {
  /** As in the settings, where a gate of ours has none. */
  readonly kind: AnyHost['kind'];
  /** The codicon beside it. */
  readonly icon: string;
  readonly label: () => string;
  readonly detail: () => string;
  /** The questions for a host that is not there yet. */
  readonly addSteps: (adding: Adding, answers: readonly string[]) => readonly Step[];
  /**
   * The host that the answers to these questions make.
   * @throws Problem when it could never work
   */
  readonly added: (adding: Adding, answers: readonly string[], crypto: CryptoProvider) => Added;
  /** The questions for every field in turn, as it is written now, right or wrong. */
  readonly editSteps: (before: HostFields) => readonly Step[];
  /** The fields after that. @throws Problem when the host could never work */
  readonly edited: (name: string, before: HostFields, answers: readonly string[], crypto: CryptoProvider) => HostFields;
  /**
   * The questions for the keys that are shared with the server; undefined when there are none.
   * @param fields as they are written now
   */
  readonly keySteps?: (answers: readonly string[], fields: HostFields) => readonly Step[];
  /** Makes the text of the keys that is kept from the answers. */
  readonly keysOf?: (answers: readonly string[], fields: HostFields) => string;
  /** Whether a host that was edited takes keys of another kind than before. */
  readonly takesOtherKeys?: (before: HostFields, after: HostFields) => boolean;
}

/** Facts of a host that is to be added. */
export interface Adding {
  /** Its name, when it is known already: then it is not asked for. */
  readonly known: string | undefined;
  /** Names that other hosts have. */
  readonly taken: ReadonlySet<string>;
}

export interface Added {
  readonly name: string;
  readonly fields: HostFields;
  /** Text of the keys; undefined when there are none. */
  readonly keys?: string;
}

/** The question what a host is to be called; none when that is known. */
export function nameSteps({ known, taken }: Adding, offered: string): TextStep[] {
  if (known !== undefined) return [];
  const complaint = (text: string) => {
    const present = sameName(text, taken);
    return present === undefined
      ? complaintOf(() => parseName(text, l10n.t('name')))
      : l10n.t('{0} already exists; edit it instead.', present);
  };
  const prompt = l10n.t('What you call it: the name that you give to ssh');
  return [{ prompt, placeholder: 'prod', value: offered, complaint }];
}
