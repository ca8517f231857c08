import { phrase } from '../../base/phrase.ts';
import { optional, text } from '../hosts/host-fields.ts';
import { hostsInvalid } from '../problems.ts';

/** Paths of a host's OpenPGP keys, for packets in GnuPG's mode, relative to the hosts file. */
export interface GpgFiles {
  /** The server's public key, ASCII-armoured. */
  readonly recipient: string;
  /** Our own private key, ASCII-armoured; undefined for a server that accepts unsigned packets. */
  readonly signer: string | undefined;
  /** Passphrase of the signer's key; undefined when it has none, or a terminal can ask for it. */
  readonly passphrase: string | undefined;
}

const FIELDS = { recipient: 'gpgRecipientFile', signer: 'gpgSignerFile', passphrase: 'gpgPassphraseFile' } as const;

/** Names of these fields in the hosts file. */
export const GPG_FIELDS: readonly string[] = Object.values(FIELDS);

/**
 * Reads the fields `gpg…` of a table. Undefined when there are none.
 * @throws Problem `hosts-file-invalid`
 */
export function parseGpgFiles(table: Readonly<Record<string, unknown>>, place: string): GpgFiles | undefined {
  const given = GPG_FIELDS.find((field) => table[field] !== undefined);
  if (given === undefined) return undefined;
  const path = (field: string): string | undefined =>
    optional(table[field], (value) => text(value, `${place}.${field}`, phrase('the path of a file')));
  const [recipient, signer, passphrase] = [path(FIELDS.recipient), path(FIELDS.signer), path(FIELDS.passphrase)];
  const missing = recipient === undefined ? FIELDS.recipient : FIELDS.signer;
  if (recipient === undefined || (passphrase !== undefined && signer === undefined))
    throw hostsInvalid(`${place}.${given}`, phrase('It also needs {0}.', missing), phrase('Name both, or neither.'));
  if (table.mode !== undefined)
    throw hostsInvalid(
      `${place}.mode`,
      phrase('It is of the key that both sides have.'),
      phrase('Remove it, or remove {0}.', FIELDS.recipient),
    );
  return { recipient, signer, passphrase };
}
