import { l10n } from 'vscode';
import { faultOfSending } from '../../client/sequence/can-send.ts';
import { parseSequenceHost } from '../../client/sequence/host.ts';
import { stepNotSent } from '../../client/sequence/problems.ts';
import { parseSecretKey } from '../../spa/keys.ts';
import type { ChoiceStep, TextStep } from '../ask/ask-in-steps.ts';
import { type FormField, fieldStep, fieldsFrom, numeric, words } from '../ask/form-field.ts';
import type { HostFields } from '../hosts/write-hosts.ts';
import { HOSTS_SETTING } from '../settings.ts';
import { type HostForm, nameSteps } from './host-form.ts';

/** Example of a server, to check single fields with. */
const SOME_HOST = { address: '192.0.2.1', steps: '7000' };

const checked = (field: Omit<FormField, 'check'>, isNeeded = false): FormField => ({
  ...field,
  check: (text) => {
    if (text !== '' || isNeeded) check({ ...SOME_HOST, [field.field]: field.parse(text) });
  },
});

/** Question for its address. */
export const SEQUENCE_ADDRESS = checked(
  {
    field: 'address',
    prompt: () => l10n.t('Where to knock: an address, or a host name'),
    placeholder: 'bastion.example',
    parse: (text) => text,
  },
  true,
);
const STEPS = checked(
  {
    field: 'steps',
    prompt: () => l10n.t('The steps in their order'),
    placeholder: '7000:tcp 8000:udp 9000:tcp',
    parse: (text) => text,
  },
  true,
);
const CLIENT: FormField = {
  field: 'client',
  prompt: () => l10n.t('The name by which the gate knows this device'),
  placeholder: 'alice-phone',
  parse: (text) => text,
  check: (client) => check({ address: SOME_HOST.address, client }),
};
const PORTS = checked({
  field: 'ports',
  prompt: () => l10n.t('What it opens; empty for tcp/22'),
  placeholder: 'tcp/22',
  parse: words,
});
/** Fields that have their defaults until the host is edited. */
const OTHERS: readonly FormField[] = [
  checked({
    field: 'delay',
    prompt: () => l10n.t('Milliseconds from one step to the next; empty for 50'),
    placeholder: '50',
    parse: numeric,
  }),
  checked({
    field: 'family',
    prompt: () => l10n.t('Which addresses of its name to knock at'),
    choices: () => [
      { value: '', label: l10n.t('All of them'), detail: l10n.t('the usual way') },
      { value: 'ipv4', label: l10n.t('IPv4 only') },
      { value: 'ipv6', label: l10n.t('IPv6 only') },
    ],
    parse: (text) => text,
  }),
];

/** Fields of a fixed sequence, or of one-time sequences. */
const fieldsOf = (isOnce: boolean): readonly FormField[] => [SEQUENCE_ADDRESS, isOnce ? CLIENT : STEPS, PORTS];

export const SEQUENCE_FORM: HostForm = {
  kind: 'sequence',
  icon: 'list-ordered',
  label: () => l10n.t('A sequence of ports'),
  detail: () => l10n.t('knockd, or a gate that opens to a sequence'),
  addSteps: (adding, [which]) => [
    whichStep(),
    ...fieldsOf(which === 'once').map((field) => fieldStep(field, {})),
    ...(which === 'once' ? [keyStep()] : []),
    ...nameSteps(adding, ''),
  ],
  added: ({ known }, [which, ...answers]) => {
    const isOnce = which === 'once';
    const fields = fieldsOf(isOnce);
    return {
      name: known ?? answers.at(-1) ?? '',
      fields: { kind: 'sequence', ...fieldsFrom(fields, answers) },
      ...(isOnce && { keys: (answers[fields.length] ?? '').trim() }),
    };
  },
  editSteps: (before) => [...fieldsOf(isOnce(before)), ...OTHERS].map((field) => fieldStep(field, before)),
  edited: (_name, before, answers) => {
    const { tcpFlags } = before;
    const kept: HostFields = tcpFlags === undefined ? {} : { tcpFlags };
    return { kind: 'sequence', ...fieldsFrom([...fieldsOf(isOnce(before)), ...OTHERS], answers), ...kept };
  },
  keySteps: () => [keyStep()],
  keysOf: ([key = '']) => key.trim(),
};

function isOnce({ client, steps }: HostFields): boolean {
  return client !== undefined && steps === undefined;
}

function whichStep(): ChoiceStep {
  const choices = [
    {
      value: 'fixed',
      label: l10n.t('The same ports each time'),
      detail: l10n.t('Anybody who sees one knock can repeat it'),
    },
    {
      value: 'once',
      label: l10n.t('One-time sequences'),
      detail: l10n.t('From a key and the minute; each opens a gate once'),
    },
  ];
  return { prompt: l10n.t('Which sequence?'), choices, value: 'fixed' };
}

function keyStep(): TextStep {
  return {
    prompt: l10n.t('The key in the file that sequence_key_file names on the server'),
    placeholder: '',
    value: '',
    isSecret: true,
    complaint: (text) =>
      parseSecretKey(text.trim()) === undefined ? l10n.t('Expected 43 characters of base64url.') : undefined,
  };
}

function check(fields: HostFields): void {
  const { name, sequence } = parseSequenceHost('host', fields, HOSTS_SETTING, 'setting');
  for (const step of sequence.kind === 'fixed' ? sequence.steps : []) {
    const fault = faultOfSending(step, process.platform);
    if (fault !== undefined) throw stepNotSent(name, fault);
  }
}
