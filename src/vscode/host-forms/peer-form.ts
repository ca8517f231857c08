import { l10n } from 'vscode';
import type { HostsKind } from '../../client/hosts/host-fields.ts';
import type { AnyHost } from '../../client/hosts/kinds.ts';
import type { TextStep } from '../ask/ask-in-steps.ts';
import { type FormField, fieldStep, fieldsFrom, numeric, words } from '../ask/form-field.ts';
import type { HostFields } from '../hosts/write-hosts.ts';
import { HOSTS_SETTING } from '../settings.ts';
import { type HostForm, nameSteps } from './host-form.ts';

/** A form field without its check, which the reader of the kind does. */
export type PeerField = Omit<FormField, 'check'>;

/** Differences between the forms of servers that share one secret with this device. */
export interface PeerForm {
  readonly kind: AnyHost['kind'];
  readonly label: () => string;
  readonly detail: () => string;
  /** The reader of the kind. Throws a Problem for invalid fields. */
  readonly parse: (name: string, fields: unknown, place: string, from: HostsKind) => unknown;
  /** Fields of the kind that are asked when a host is added, after its address, by those that are known so far. */
  readonly first: (fields: HostFields) => readonly PeerField[];
  /** Fields that have their defaults until the host is edited. */
  readonly others: (fields: HostFields) => readonly PeerField[];
  /** Other fields with which this one is valid by itself, for its check. */
  readonly beside?: (field: string) => HostFields;
  readonly secret: {
    readonly prompt: () => string;
    readonly expected: () => string;
    readonly isValid: (text: string) => boolean;
    /** Whether a host with these fields has a secret. */
    readonly isNeeded?: (fields: HostFields) => boolean;
  };
}

const ADDRESS: PeerField = {
  field: 'address',
  prompt: () => l10n.t('Where to knock: an address, or a host name'),
  placeholder: 'bastion.example',
  parse: (text) => text,
};
/** The ports that such a server opens, and a knock waits for. */
export const OPENED_PORTS: PeerField = {
  field: 'ports',
  prompt: () => l10n.t('What it opens; empty for tcp/22'),
  placeholder: 'tcp/22',
  parse: words,
};
/** The address that a packet names. */
export const NAMED_SOURCE: PeerField = {
  field: 'source',
  prompt: () => l10n.t('Which address to let in: "own" for that of this computer, or an address'),
  placeholder: 'own',
  parse: (text) => text,
};

/** The UDP port to knock at. */
export const knockPortField = (prompt: () => string, placeholder: string): PeerField => ({
  field: 'knockPort',
  prompt,
  placeholder,
  parse: numeric,
});

/** Makes the form of such a kind. */
export function peerForm({ kind, label, detail, parse, first, others, beside, secret }: PeerForm): HostForm {
  const check = (fields: HostFields) => parse('host', fields, HOSTS_SETTING, 'setting');
  const checked = (field: PeerField): FormField => ({
    ...field,
    check: (text) => {
      if (text !== '' || field.field === 'address')
        check({ address: '192.0.2.1', ...beside?.(field.field), [field.field]: field.parse(text) });
    },
  });
  const askedFor = (fields: HostFields) => [ADDRESS, ...first(fields)].map(checked);
  const askedAfter = (answers: readonly string[]) => askedFor(fieldsFrom(askedFor({}), answers));
  const allFor = (fields: HostFields) => [...askedFor(fields), ...others(fields).map(checked)];
  const isNeeded = secret.isNeeded ?? (() => true);
  const secretStep = (): TextStep => ({
    prompt: secret.prompt(),
    placeholder: '',
    value: '',
    isSecret: true,
    complaint: (text) => (secret.isValid(text.trim()) ? undefined : l10n.t('Expected {0}.', secret.expected())),
  });
  return {
    kind,
    icon: 'key',
    label,
    detail,
    addSteps: (adding, answers) => {
      const asked = askedAfter(answers);
      return [
        ...asked.map((field) => fieldStep(field, {})),
        ...(isNeeded(fieldsFrom(asked, answers)) ? [secretStep()] : []),
        ...nameSteps(adding, ''),
      ];
    },
    added: ({ known }, answers) => {
      const asked = askedAfter(answers);
      const fields: HostFields = { kind, ...fieldsFrom(asked, answers) };
      check(fields);
      const name = known ?? answers.at(-1) ?? '';
      return isNeeded(fields) ? { name, fields, keys: (answers[asked.length] ?? '').trim() } : { name, fields };
    },
    editSteps: (before) => allFor(before).map((field) => fieldStep(field, before)),
    edited: (_name, before, answers) => {
      const fields: HostFields = { kind, ...fieldsFrom(allFor(before), answers) };
      check(fields);
      return fields;
    },
    keySteps: () => [secretStep()],
    keysOf: ([key = '']) => key.trim(),
  };
}
