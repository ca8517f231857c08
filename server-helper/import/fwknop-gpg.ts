import type { Note } from '../../src/base/notes.ts';
import { phrase } from '../../src/base/phrase.ts';
import { parseHmacKeyFile } from '../../src/fwknop/key-file.ts';
import type { Directive } from './fwknop-lines.ts';

/** Directives of a stanza of access.conf for GnuPG's mode. */
export interface AccessGpg {
  /** GnuPG's folder; undefined: that of fwknopd.conf. */
  readonly home: string | undefined;
  /** Name that gpg knows the server's key by. */
  readonly recipient: Directive;
  /** Passphrase of the server's key; undefined when it has none. */
  readonly passphrase: string | undefined;
  /** Key IDs or fingerprints of clients' keys: 8 to 64 hexadecimal digits in small letters. */
  readonly signers: readonly string[];
  readonly signersLine: number;
  /** A line of a key file: `HMAC_KEY_BASE64: …`. */
  readonly hmacKey: string;
}

/** Directives that are read here. */
export const GPG_DIRECTIVES =
  'GPG_HOME_DIR GPG_DECRYPT_ID GPG_DECRYPT_PW GPG_ALLOW_NO_PW GPG_REQUIRE_SIG GPG_DISABLE_SIG GPG_IGNORE_SIG_VERIFY_ERROR GPG_REMOTE_ID GPG_FINGERPRINT_ID'.split(
    ' ',
  );

/** Placeholder of access.conf for a passphrase. */
const NO_PASSPHRASE = '__CHANGEME__';

/** Digits of the key ID that fwknopd compares. */
const SHORT_ID = 8;

/**
 * Reads a stanza's part of GnuPG's mode (fwknopd(8), "ACCESS.CONF VARIABLES").
 * @param by the stanza's directives by their names
 * @param hmacKey a line of a key file; undefined when the stanza has no HMAC key
 * @returns undefined when it has no such part, or a gate refuses it, which is noted with the reason
 */
export function readAccessGpg(
  by: ReadonlyMap<string, Directive>,
  hmacKey: string | undefined,
  note: Note,
): AccessGpg | undefined {
  const recipient = by.get('GPG_DECRYPT_ID');
  if (recipient === undefined) {
    for (const name of GPG_DIRECTIVES) {
      const idle = by.get(name);
      if (idle !== undefined)
        note(idle.line, phrase('{0} has no effect without GPG_DECRYPT_ID, and is left out', name));
    }
    return undefined;
  }
  const refuse = (line: number, why: string): undefined => {
    note(line, phrase('its GnuPG part is left out: {0}', why));
    return undefined;
  };
  if (hmacKey === undefined || parseHmacKeyFile(hmacKey) === undefined)
    return refuse(
      recipient.line,
      'without an HMAC key anybody could have a gate compute; give fwknopd and its clients one first',
    );
  const home = by.get('GPG_HOME_DIR');
  if (home !== undefined && !home.value.startsWith('/'))
    return refuse(home.line, 'GPG_HOME_DIR is not an absolute path');
  const passphrase = by.get('GPG_DECRYPT_PW');
  const isMissing = passphrase === undefined || passphrase.value === NO_PASSPHRASE;
  if (isMissing && !saysYes(by.get('GPG_ALLOW_NO_PW')))
    return refuse(recipient.line, 'there is neither GPG_DECRYPT_PW nor GPG_ALLOW_NO_PW Y');
  const { signers, line } = signersOf(by, note);
  if (signers.length === 0)
    return refuse(
      line ?? recipient.line,
      'a gate takes nothing unsigned; name the clients’ keys with GPG_FINGERPRINT_ID',
    );
  noteLaxness(by, note);
  return {
    home: home?.value,
    recipient,
    passphrase: isMissing ? undefined : passphrase.value,
    signers,
    signersLine: line ?? recipient.line,
    hmacKey,
  };
}

/**
 * Keys that may sign. With both lists in a stanza, only keys that are in both: a key that one of them keeps out stays out.
 * @returns key IDs and fingerprints, and the line that they are from
 */
function signersOf(by: ReadonlyMap<string, Directive>, note: Note): { signers: string[]; line: number | undefined } {
  const [ids, fingerprints] = [by.get('GPG_REMOTE_ID'), by.get('GPG_FINGERPRINT_ID')];
  const [short, long] = [keysOf(ids, note), keysOf(fingerprints, note)];
  if (ids !== undefined && short.some((id) => id.length !== SHORT_ID))
    note(
      ids.line,
      phrase('fwknopd lets nobody in by a GPG_REMOTE_ID that does not have {0} digits; a gate does', SHORT_ID),
    );
  if (ids === undefined || fingerprints === undefined)
    return { signers: [...short, ...long], line: (ids ?? fingerprints)?.line };
  const both = long.filter((fingerprint) => short.some((id) => fingerprint.endsWith(id)));
  const others = long.length - both.length + short.filter((id) => !both.some((each) => each.endsWith(id))).length;
  if (others > 0)
    note(
      ids.line,
      phrase('{0} keys are only in one of GPG_REMOTE_ID and GPG_FINGERPRINT_ID, and are left out', others),
    );
  return { signers: both, line: fingerprints.line };
}

function keysOf(list: Directive | undefined, note: Note): string[] {
  const texts = list?.value.split(/[\s,]+/).filter((text) => text !== '') ?? [];
  const keys = texts.flatMap((text) => {
    const [, digits] = /^(?:0x)?([0-9a-f]{8,64})$/i.exec(text) ?? [];
    if (digits !== undefined) return [digits.toLowerCase()];
    note(list?.line ?? 0, phrase('{0} has something that is not a key ID; it is left out', list?.name ?? ''));
    return [];
  });
  return [...new Set(keys)];
}

function saysYes(directive: Directive | undefined): boolean {
  return directive?.value.toUpperCase().startsWith('Y') ?? false;
}

/** Notes checks that a gate makes and fwknopd did not. */
function noteLaxness(by: ReadonlyMap<string, Directive>, note: Note): void {
  const [disabled, required] = [by.get('GPG_DISABLE_SIG'), by.get('GPG_REQUIRE_SIG')];
  const lax = saysYes(disabled) ? disabled : required !== undefined && !saysYes(required) ? required : undefined;
  if (lax !== undefined)
    note(lax.line, phrase('{0} is left out: packets must be signed by one of the keys that are named', lax.name));
  const ignored = by.get('GPG_IGNORE_SIG_VERIFY_ERROR');
  if (ignored !== undefined && saysYes(ignored))
    note(
      ignored.line,
      phrase('GPG_IGNORE_SIG_VERIFY_ERROR is left out: a signature must be good, by a key that has not expired'),
    );
}
