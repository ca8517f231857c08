import { l10n } from 'vscode';
import type { AnyHost } from '../../client/hosts/kinds.ts';
import type { CryptoProvider } from '../../spa/crypto.ts';
import { parseName } from '../../spa/enrolment.ts';
import type { Step, TextStep } from '../ask/ask-in-steps.ts';
import { complaintOf } from '../ask/form-field.ts';
import { sameName } from '../hosts/host-book.ts';
import type { HostFields } from '../hosts/write-hosts.ts';

/** Kind of host, as it is added and edited: everything that differs between kinds. */
export interface HostForm {
  /** Kind in the settings, where a gate of ours has none. */
  readonly kind: AnyHost['kind'];
  /** Codicon beside it. */
  readonly icon: string;
  readonly label: () => string;
  readonly detail: () => string;
  /** Questions for a new host. */
  readonly addSteps: (adding: Adding, answers: readonly string[]) => readonly Step[];
  /**
   * Makes a host of the answers.
   * @throws Problem when it could never work
   */
  readonly added: (adding: Adding, answers: readonly string[], crypto: CryptoProvider) => Added;
  /** Questions for every field in turn, as it is written now, valid or not. */
  readonly editSteps: (before: HostFields) => readonly Step[];
  /**
   * Makes the fields of the answers.
   * @throws Problem when the host could never work
   */
  readonly edited: (name: string, before: HostFields, answers: readonly string[], crypto: CryptoProvider) => HostFields;
  /**
   * Questions for the keys that are shared with the server; undefined when there are none.
   * @param fields fields as they are written now
   */
  readonly keySteps?: (answers: readonly string[], fields: HostFields) => readonly Step[];
  /** Makes the text of the keys that is kept from the answers. */
  readonly keysOf?: (answers: readonly string[], fields: HostFields) => string;
  /** Whether the edited host needs keys of another kind than before. */
  readonly takesOtherKeys?: (before: HostFields, after: HostFields) => boolean;
}

/** Facts of a host that is to be added. */
export interface Adding {
  /** Its name, if it is known already: then nobody is asked. */
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

/** Question for the name of a host; none when it is known. */
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
