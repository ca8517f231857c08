import { l10n } from 'vscode';
import { Problem } from '../../base/problem.ts';
import { readTextFile } from '../../client/read-text-file.ts';
import { parseHmacKeyFile } from '../../fwknop/key-file.ts';
import { askText } from '../ask/ask.ts';
import type { Choice, Step, Taken } from '../ask/ask-in-steps.ts';
import { window } from '../ask/window.ts';
import { unfoldArmour } from '../keys/gpg-armour.ts';
import { checkGpgKeys, formatGpgKeys } from '../keys/gpg-keys.ts';
import { loadFwknop } from '../knock/load-fwknop.ts';
import { notOnThisComputer } from '../problems.ts';

/** Sources of a key, beside GnuPG itself. */
const [FILE, PASTE, NONE] = ['file', 'paste', 'none'];
/** Forms of the HMAC key in access.conf. */
const HMAC_NAMES = new Map([
  ['base64', 'HMAC_KEY_BASE64'],
  ['text', 'HMAC_KEY'],
]);

/** Question for one OpenPGP key. */
interface Asked {
  readonly prompt: string;
  readonly kind: 'signers' | 'recipients';
  /** Other choices. */
  readonly more: readonly Choice[];
  /** Checks a key. Rejects with a Problem when it cannot be used. */
  readonly check: (text: string) => Promise<unknown>;
}

/**
 * Questions for the keys of a host in GnuPG's mode. The answers are the server's key, our own, its passphrase, the form of the HMAC
 * key, and that key. Needless questions are left out.
 */
export function gpgKeySteps(answers: readonly string[]): readonly Step[] {
  const { recipient, signer, written } = named(answers);
  const steps: Step[] = [
    keyStep({
      prompt: l10n.t('The public key of the server, GPG_DECRYPT_ID in access.conf'),
      kind: 'recipients',
      more: [],
      check: (text) => check(text),
    }),
    keyStep({
      prompt: l10n.t('Your private key, GPG_REMOTE_ID in access.conf'),
      kind: 'signers',
      more: [
        {
          value: NONE,
          label: l10n.t('None'),
          detail: l10n.t('Packets are not signed: GPG_DISABLE_SIG in access.conf'),
        },
      ],
      check: (text) => check(recipient, text),
    }),
  ];
  if (signer !== '')
    steps.push({
      prompt: l10n.t('The passphrase of your key; empty when it has none, or is to be asked for once in each window'),
      placeholder: '',
      value: '',
      isSecret: true,
      complaint: () => undefined,
      take: (text) => takenIf(text, text === '' ? Promise.resolve() : check(recipient, signer, text)),
    });
  steps.push({
    prompt: l10n.t('How the key of the HMAC is written'),
    choices: [
      { value: 'base64', label: 'Base64', detail: 'HMAC_KEY_BASE64' },
      { value: 'text', label: l10n.t('Text'), detail: 'HMAC_KEY' },
      { value: NONE, label: l10n.t('None'), detail: l10n.t('Packets have no HMAC') },
    ],
    value: 'base64',
  });
  if (written !== NONE)
    steps.push({
      prompt: l10n.t('The key of the HMAC, {0} in access.conf', HMAC_NAMES.get(written) ?? ''),
      placeholder: '',
      value: '',
      isSecret: true,
      complaint: (text) =>
        parseHmacKeyFile(hmacLine(written, text)) === undefined
          ? l10n.t('Expected the key as written in access.conf, at most 128 bytes, without blanks.')
          : undefined,
    });
  return steps;
}

/** Checks the keys that were given. */
function check(recipient: string, signer?: string, passphrase?: string): Promise<void> {
  return checkGpgKeys('', { recipient, signer, passphrase, hmacKey: undefined });
}

/** Makes the text that is kept from the answers. */
export function gpgKeysOf(answers: readonly string[]): { keys: string; hasHmac: boolean } {
  const { recipient, signer, passphrase, written, hmacKey } = named(answers);
  const hasHmac = written !== NONE;
  const keys = formatGpgKeys({
    recipient,
    signer: signer || undefined,
    passphrase: passphrase || undefined,
    hmacKey: hasHmac ? hmacLine(written, hmacKey) : undefined,
  });
  return { keys, hasHmac };
}

/** Names the answers. Without a signer there is no passphrase, and nobody is asked for one. */
function named([recipient = '', signer, ...others]: readonly string[]) {
  const [passphrase = '', written = 'base64', hmacKey = ''] = signer === '' ? ['', ...others] : others;
  return { recipient, signer, passphrase, written, hmacKey };
}

function hmacLine(written: string, text: string): string {
  return `${HMAC_NAMES.get(written)}: ${text.trim().replace(/^HMAC_KEY(_BASE64)?:?\s+/, '')}\n`;
}

function keyStep({ prompt, kind, more, check }: Asked): Step {
  const take = async (from: string): Promise<Taken | undefined> => {
    if (from === NONE) return { answer: '' };
    try {
      const text =
        from === FILE
          ? await chosenFile(prompt)
          : from === PASTE
            ? await pasted(prompt, kind)
            : await exported(from, kind);
      return text === undefined ? undefined : await takenIf(text, check(text));
    } catch (error) {
      return complained(error);
    }
  };
  const choices = async () => {
    const { listGpgKeys } = await loadFwknop();
    const listed = await listGpgKeys(kind, process.env);
    return [
      ...listed.map(({ fingerprint, user }) => {
        return {
          value: fingerprint,
          label: user,
          detail: l10n.t('In GnuPG: {0}', fingerprint),
          icon: 'key',
        };
      }),
      { value: FILE, label: l10n.t('A file…'), detail: howToExport(kind), icon: 'file' },
      { value: PASTE, label: l10n.t('Paste…'), detail: l10n.t('The same as a text'), icon: 'clippy' },
      ...more,
    ];
  };
  return { prompt, choices, value: '', take };
}

function howToExport(kind: Asked['kind']): string {
  const command = kind === 'signers' ? '--export-secret-keys' : '--export';
  return l10n.t('As "gpg --armor {0}" writes it', command);
}

async function exported(key: string, kind: Asked['kind']): Promise<string> {
  const { exportGpgKey } = await loadFwknop();
  return await exportGpgKey({ key, secret: kind === 'signers', home: undefined, passphrase: undefined }, process.env);
}

async function chosenFile(title: string): Promise<string | undefined> {
  const [uri] = (await window.showOpenDialog({ title, canSelectMany: false })) ?? [];
  if (uri === undefined) return undefined;
  if (uri.scheme !== 'file') throw notOnThisComputer();
  return readTextFile(uri.fsPath);
}

async function pasted(title: string, kind: Asked['kind']): Promise<string | undefined> {
  const prompt = howToExport(kind);
  const validateInput = (text: string) =>
    unfoldArmour(text) === undefined
      ? l10n.t('Expected all that gpg prints, from "-----BEGIN PGP" to the end of "-----END PGP … KEY BLOCK-----".')
      : undefined;
  const text = await askText({ title, prompt, password: true, validateInput });
  return text === undefined ? undefined : unfoldArmour(text);
}

/** Accepts a text if a check finds no fault. */
async function takenIf(text: string, look: Promise<unknown>): Promise<Taken> {
  try {
    await look;
    return { answer: text };
  } catch (error) {
    return complained(error);
  }
}

/** Error in the one line that fits beside the choice; an error that is not for people is thrown. */
function complained(error: unknown): Taken {
  if (!(error instanceof Problem)) throw error;
  return { complaint: error.text.why ?? error.text.what };
}
