import { l10n } from 'vscode';
import { GPG_MODE, parseFwknopHost } from '../../client/fwknop/host.ts';
import { DIGEST_NAMES, MODES } from '../../fwknop/algorithms.ts';
import type { Choice, Step } from '../ask/ask-in-steps.ts';
import { type FormField, fieldStep, fieldsFrom, numeric, words } from '../ask/form-field.ts';
import { HOSTS_SETTING } from '../settings.ts';
import { keySteps, keysOf } from './fwknop-keys.ts';
import { gpgKeySteps, gpgKeysOf } from './gpg-key-steps.ts';
import { type HostForm, nameSteps } from './host-form.ts';

/** Example of a server, to check single fields with. */
const SOME_HOST = { address: '192.0.2.1' };

const FIELDS: readonly FormField[] = [
  {
    field: 'address',
    prompt: () => l10n.t('Where fwknopd is: an IPv4 address, or a host name'),
    placeholder: 'bastion.example',
    parse: (text: string) => text,
  },
  {
    field: 'ports',
    prompt: () => l10n.t('What to ask for; empty for tcp/22'),
    placeholder: 'tcp/22, udp/60001',
    parse: words,
  },
  {
    field: 'carrier',
    prompt: () => l10n.t('How the packet gets there'),
    choices: () => chosenOf(['udp', 'tcp', 'http'], 'udp'),
    usual: 'udp',
    parse: (text: string) => text,
  },
  {
    field: 'knockPort',
    prompt: () => l10n.t('The port of fwknopd; empty for 62201, over HTTP for 80'),
    placeholder: '62201',
    parse: numeric,
  },
  {
    field: 'mode',
    prompt: () => l10n.t('Its ENCRYPTION_MODE'),
    choices: () => [...chosenOf(MODES, 'cbc'), { value: GPG_MODE, label: GPG_MODE, detail: ofGpg() }],
    usual: 'cbc',
    parse: (text: string) => text,
  },
  {
    field: 'digest',
    prompt: () => l10n.t('The digest in the message'),
    choices: () => chosenOf(DIGEST_NAMES, 'sha256'),
    usual: 'sha256',
    parse: (text: string) => text,
  },
  {
    field: 'hmac',
    prompt: () => l10n.t('Its HMAC_DIGEST_TYPE'),
    choices: () => chosenOf([...DIGEST_NAMES, 'none'], 'sha256'),
    usual: 'sha256',
    parse: (text: string) => text,
  },
  {
    field: 'source',
    prompt: () =>
      l10n.t(
        'Whom to let in: "own" for the address of this computer, "seen" for the address that the packet comes from, or an address',
      ),
    placeholder: 'own',
    parse: (text: string) => text,
  },
  {
    field: 'duration',
    prompt: () => l10n.t('For how many seconds; empty for the server’s own choice'),
    placeholder: '30',
    parse: numeric,
  },
  {
    field: 'forward',
    prompt: () =>
      l10n.t('Where the port leads: a host behind the server, or "local" and another port of it; empty for nowhere'),
    placeholder: '10.0.0.5:22',
    parse: (text: string) => text,
  },
  {
    field: 'command',
    prompt: () => l10n.t('Command that the server runs instead of opening a port; empty for none'),
    placeholder: '',
    parse: (text: string) => text,
  },
  {
    field: 'user',
    prompt: () => l10n.t('Your name for the server; empty for your name on this computer'),
    placeholder: 'alice',
    parse: (text: string) => text,
  },
].map((field) => ({ ...field, check: (text) => checkField(field, text) }));
/** Fields that are asked when a host is added: the rest has its defaults until it is edited. */
const FIRST = FIELDS.slice(0, 2);

export const FWKNOP_FORM: HostForm = {
  kind: 'fwknop',
  icon: 'key',
  label: () => l10n.t('fwknop'),
  detail: () => l10n.t('With the keys of its access.conf, or OpenPGP'),
  addSteps: (adding, answers) => [
    ...FIRST.map((field) => fieldStep(field, {})),
    ...newKeySteps(answers.slice(FIRST.length)),
    ...nameSteps(adding, ''),
  ],
  added: ({ known }, answers) => {
    const [written, ...others] = answers.slice(FIRST.length);
    const isGpg = written === GPG_MODE;
    const { keys, hasHmac } = isGpg ? gpgKeysOf(others) : keysOf([written ?? '', ...others]);
    const special = { ...(isGpg && { mode: GPG_MODE }), ...(!hasHmac && { hmac: 'none' }) };
    return {
      name: known ?? answers.at(-1) ?? '',
      fields: { kind: 'fwknop', ...fieldsFrom(FIRST, answers), ...special },
      keys,
    };
  },
  editSteps: (before) => FIELDS.map((field) => fieldStep(field, before)),
  edited: (_name, _before, answers) => ({ kind: 'fwknop', ...fieldsFrom(FIELDS, answers) }),
  keySteps: (answers, { mode }) => (mode === GPG_MODE ? gpgKeySteps(answers) : keySteps(answers)),
  keysOf: (answers, { mode }) => (mode === GPG_MODE ? gpgKeysOf(answers) : keysOf(answers)).keys,
  takesOtherKeys: (before, after) => (before.mode === GPG_MODE) !== (after.mode === GPG_MODE),
};

/** Questions for the keys of a new host, by its mode. */
function newKeySteps(answers: readonly string[]): readonly Step[] {
  const [written, ...others] = answers;
  const steps = keySteps(answers, [{ value: GPG_MODE, label: 'OpenPGP', detail: ofGpg() }]);
  return written === GPG_MODE ? [...steps.slice(0, 1), ...gpgKeySteps(others)] : steps;
}

const ofGpg = () => l10n.t('GPG_… in access.conf: encrypted to the server’s key, signed by yours');

/** Choices with fwknop's names; only the default is marked. */
function chosenOf(names: readonly string[], usual: string): Choice[] {
  return names.map((value) =>
    value === usual ? { value, label: value, detail: l10n.t('the usual way') } : { value, label: value },
  );
}

function checkField({ field, parse }: Pick<FormField, 'field' | 'parse'>, text: string): void {
  if (text !== '' || field === 'address')
    parseFwknopHost('host', { ...SOME_HOST, [field]: parse(text) }, HOSTS_SETTING, 'setting');
}
