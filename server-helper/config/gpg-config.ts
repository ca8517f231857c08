import { badText } from '../../src/base/problem.ts';
import { absolutePath, type TableReader } from './toml-table.ts';

/** The OpenPGP keys of a `[[fwknop]]`, for packets that are encrypted and signed with them. */
export interface ConfiguredGpg {
  /** The gate's private key, ASCII-armoured. */
  readonly keyFile: string;
  readonly passphraseFile: string | undefined;
  /** The client's public key, ASCII-armoured, possibly among others. */
  readonly signerFile: string;
  /** Fingerprint of the client's key: 40 or 64 hexadecimal digits in small letters. */
  readonly signer: string;
}

const NEEDED = ['gpg_key_file', 'gpg_signer_file', 'gpg_signer'];
const ALL = [...NEEDED, 'gpg_passphrase_file'];

/** Reads the keys `gpg_*` of a stanza; what is wrong with them is added to the errors. Undefined when there are none. */
export function readGpg(reader: TableReader): ConfiguredGpg | undefined {
  const gpg = {
    keyFile: reader.text('gpg_key_file', absolutePath, ''),
    passphraseFile: reader.text('gpg_passphrase_file', absolutePath, undefined),
    signerFile: reader.text('gpg_signer_file', absolutePath, ''),
    signer: reader.text('gpg_signer', fingerprint, ''),
  };
  const given = ALL.find((key) => reader.has(key));
  if (given === undefined) return undefined;
  for (const key of NEEDED) if (!reader.has(key)) reader.fail(given, `${given} needs ${key} beside it`);
  if (reader.has('mode'))
    reader.fail('mode', 'mode is of the keys that both sides have: leave it out beside gpg_key_file');
  return gpg;
}

/** As `gpg --fingerprint` prints it, with blanks or without. */
function fingerprint(text: string, field: string): string {
  const digits = text.replaceAll(' ', '').toLowerCase();
  if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(digits))
    throw badText(field, text, 'the whole fingerprint: gpg --fingerprint');
  return digits;
}
