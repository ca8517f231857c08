import { parseHmacKeyFile } from '../../fwknop/key-file.ts';

/** GnuPG settings of a stanza in .fwknoprc. A key is named by anything that gpg accepts as a name. */
export interface RcGpg {
  readonly recipient: string;
  /** Key that signs; undefined: packets are not signed. */
  readonly signer: string | undefined;
  /** GnuPG's folder; undefined: the usual one. */
  readonly home: string | undefined;
  readonly passphrase: string | undefined;
  /** Text for the key file; undefined for packets without HMAC. */
  readonly hmacKeys: string | undefined;
}

/** Keys about how fwknop runs gpg: nothing here needs them. */
const OF_PROGRAM = ['USE_GPG', 'USE_GPG_AGENT', 'GPG_EXE', 'GPG_NO_SIGNING_PW', 'GPG_NO_HOME_DIR'];
const OF_KEYS = ['GPG_RECIPIENT', 'GPG_SIGNER', 'GPG_HOMEDIR', 'GPG_SIGNING_PW', 'GPG_SIGNING_PW_BASE64'];

/** Keys of .fwknoprc that `rcGpgOf` reads. */
export const RC_GPG_KEYS: readonly string[] = [...OF_PROGRAM, ...OF_KEYS];

/** Reads the GnuPG settings of a stanza. Undefined when it has another mode, or names no key of the server. */
export function rcGpgOf(values: ReadonlyMap<string, string>): RcGpg | undefined {
  const recipient = values.get('GPG_RECIPIENT');
  if (values.get('USE_GPG')?.toUpperCase() !== 'Y' || recipient === undefined) return undefined;
  const lines = ['HMAC_KEY', 'HMAC_KEY_BASE64'].flatMap((key) =>
    values.has(key) ? [`${key} ${values.get(key)}`] : [],
  );
  const hmacKeys = `${lines.join('\n')}\n`;
  const encoded = values.get('GPG_SIGNING_PW_BASE64');
  return {
    recipient,
    signer: values.get('GPG_SIGNER'),
    home: values.get('GPG_HOMEDIR'),
    passphrase: encoded === undefined ? values.get('GPG_SIGNING_PW') : Buffer.from(encoded, 'base64').toString('utf8'),
    hmacKeys: parseHmacKeyFile(hmacKeys) === undefined ? undefined : hmacKeys,
  };
}
