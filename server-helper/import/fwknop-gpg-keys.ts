import type { Note } from '../../src/base/notes.ts';
import { phrase } from '../../src/base/phrase.ts';
import type { AccessGpg } from './fwknop-gpg.ts';
import type { KeyFile } from './imported.ts';

/** A key that gpg is to export. */
export interface WantedKey {
  /** Absolute path of GnuPG's folder. */
  readonly home: string;
  /** Name that gpg knows the key by. */
  readonly key: string;
  /** Passphrase of a private key, undefined when it has none. Without this field a public key is wanted. */
  readonly secret?: { readonly passphrase: string | undefined };
}

/** Answer of gpg; `why` in its words, without secrets. `isOthers`: root should not run it for that folder. */
export type ExportedKey =
  | { readonly ok: true; readonly fingerprint: string; readonly armoured: string }
  | { readonly ok: false; readonly why: string; readonly isOthers?: true };

/** Exports a key. The fingerprint, in small letters, is that of the whole key, also when a part of it was asked for. */
export type Exports = (wanted: WantedKey) => ExportedKey | undefined;

/** Places of a stanza's keys: in GnuPG, and in files of the gate. */
export interface GpgPlace {
  /** Absolute path of the file of its HMAC key; the others are beside it, with endings of their own. */
  readonly path: string;
  readonly home: string;
}

/** Lists the keys to export, the server's first. */
export function wantedKeysOf(gpg: AccessGpg, home: string): [WantedKey, ...WantedKey[]] {
  const recipient = { home, key: gpg.recipient.value, secret: { passphrase: gpg.passphrase } };
  return [recipient, ...gpg.signers.map((key) => ({ home, key }))];
}

/**
 * Makes the fields of a `[[fwknop]]` for each key that may sign, and the files that they name. If gpg did not export a key, notes a
 * command that does.
 */
export function gpgDoors(
  gpg: AccessGpg,
  place: GpgPlace,
  exported: Exports,
  note: Note,
): { doors: string[][]; files: KeyFile[] } {
  const [recipient, ...signers] = wantedKeysOf(gpg, place.home);
  const known = signersOf(gpg, signers, exported, note);
  if (known.size === 0) return { doors: [], files: [] };
  const [gateFile, passphraseFile] = [`${place.path}.gate.asc`, `${place.path}.passphrase`];
  const files: KeyFile[] = [{ path: place.path, text: gpg.hmacKey }];
  const put = (path: string, wanted: WantedKey, found: ExportedKey | undefined, line: number): void => {
    if (found?.ok) {
      const { armoured: text, fingerprint } = found;
      files.push({ path, text, ...(wanted.secret && { gpg: { home: place.home, fingerprint } }) });
    } else if (found?.isOthers)
      note(line, phrase('{0}; ask its owner to export {1}, and put that into {2}', whyNot(found), wanted.key, path));
    else note(line, phrase('{0}; by hand: {1}', whyNot(found), byHand(wanted, path)));
  };
  put(gateFile, recipient, exported(recipient), gpg.recipient.line);
  if (gpg.passphrase !== undefined) files.push({ path: passphraseFile, text: `${gpg.passphrase}\n` });
  const doors = [...known].map(([fingerprint, { wanted, found }], i) => {
    const path = `${place.path}.signer-${i + 1}.asc`;
    put(path, wanted, found, gpg.signersLine);
    return [
      `gpg_key_file = ${JSON.stringify(gateFile)}`,
      `gpg_signer_file = ${JSON.stringify(path)}`,
      `gpg_signer = "${fingerprint}"`,
      ...(gpg.passphrase === undefined ? [] : [`gpg_passphrase_file = ${JSON.stringify(passphraseFile)}`]),
    ];
  });
  return { doors, files };
}

interface Signer {
  readonly wanted: WantedKey;
  readonly found: ExportedKey | undefined;
}

/** Finds signers by the fingerprints of whole keys: a gate accepts nothing shorter. */
function signersOf(gpg: AccessGpg, wanted: readonly WantedKey[], exported: Exports, note: Note): Map<string, Signer> {
  const known = new Map<string, Signer>();
  for (const each of wanted) {
    const found = exported(each);
    const fingerprint = found?.ok ? found.fingerprint : each.key;
    if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(fingerprint)) {
      const ask = `gpg --homedir ${quoted(each.home)} --fingerprint ${each.key}`;
      const who = found?.ok === false && found.isOthers ? `, run by the folder’s owner,` : '';
      note(
        gpg.signersLine,
        phrase(
          '{0}, and {1} is not a whole fingerprint: write what `{2}`{3} says into GPG_FINGERPRINT_ID, and import again',
          whyNot(found),
          each.key,
          ask,
          who,
        ),
      );
      continue;
    }
    if (!fingerprint.endsWith(each.key))
      note(
        gpg.signersLine,
        phrase('{0} is part of the key {1}: every part of it that can sign counts', each.key, fingerprint),
      );
    known.set(fingerprint, { wanted: each, found });
  }
  return known;
}

function whyNot(found: ExportedKey | undefined): string {
  return `gpg does not export a key${found === undefined || found.ok ? '' : ` (${found.why})`}`;
}

/** Command for root's shell. Only the daemon's group may read the file. */
function byHand({ home, key, secret }: WantedKey, path: string): string {
  const what = secret === undefined ? '--export' : '--export-secret-keys';
  const file = quoted(path);
  return `(umask 027; gpg --homedir ${quoted(home)} --armor ${what} -- ${quoted(key)} >${file}; chgrp knockgate ${file})`;
}

function quoted(text: string): string {
  return /^[\w./@:+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
