import { l10n } from 'vscode';
import { parseKeyFile } from '../../fwknop/key-file.ts';
import type { Choice, Step } from '../ask/ask-in-steps.ts';

/** Forms of keys in access.conf and .fwknoprc. */
const WRITTEN = { base64: '_BASE64', text: '' } as const;

type Written = keyof typeof WRITTEN;

/**
 * Questions for the keys that are shared with fwknopd: their form, the key for Rijndael, the key for the HMAC.
 * @param others other forms to choose from
 */
export function keySteps([written, key = '']: readonly string[], others: readonly Choice[] = []): readonly Step[] {
  const complaint = isText(written)
    ? l10n.t(
        'Expected characters without blanks, at most 32 for the key and 128 for the HMAC key. The two must differ.',
      )
    : l10n.t('Expected base64, as `fwknop --key-gen` prints it. The two keys must differ.');
  const [keyName, hmacName] = ['KEY', 'HMAC_KEY'].map((name) => `${name}${WRITTEN[writtenAs(written)]}`);
  return [
    {
      prompt: l10n.t('How the keys are written'),
      choices: [
        { value: 'base64', label: 'Base64', detail: 'KEY_BASE64, HMAC_KEY_BASE64' },
        { value: 'text', label: l10n.t('Text'), detail: 'KEY, HMAC_KEY' },
        ...others,
      ],
      value: 'base64',
    },
    {
      prompt: l10n.t('The Rijndael key: {0} in access.conf', keyName ?? ''),
      placeholder: '',
      value: '',
      isSecret: true,
      complaint: (text) => (parseKeyFile(asFile(written, text, '')) === undefined ? complaint : undefined),
    },
    {
      prompt: l10n.t('The key of the HMAC, {0} in access.conf; empty when there is none', hmacName ?? ''),
      placeholder: '',
      value: '',
      isSecret: true,
      complaint: (text) => (parseKeyFile(asFile(written, key, text)) === undefined ? complaint : undefined),
    },
  ];
}

/** Makes the text that is kept from the answers: lines as in fwknop's own files. */
export function keysOf([written, key = '', hmacKey = '']: readonly string[]): { keys: string; hasHmac: boolean } {
  return { keys: asFile(written, key, hmacKey), hasHmac: bare(hmacKey) !== '' };
}

function asFile(written: string | undefined, key: string, hmacKey: string): string {
  const ending = WRITTEN[writtenAs(written)];
  const hmac = bare(hmacKey) === '' ? '' : `HMAC_KEY${ending}: ${bare(hmacKey)}\n`;
  return `KEY${ending}: ${bare(key)}\n${hmac}`;
}

/** Key without the name that its source file has before it. */
function bare(text: string): string {
  return text.trim().replace(/^(HMAC_)?KEY(_BASE64)?:?\s+/, '');
}

function isText(written: string | undefined): boolean {
  return writtenAs(written) === 'text';
}

function writtenAs(written: string | undefined): Written {
  return written === 'text' ? 'text' : 'base64';
}
