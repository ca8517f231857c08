import ssh2 from 'ssh2';

/** Beginning of OpenSSH's own format; PROTOCOL.key of OpenSSH. The name of the cipher comes next. */
const MAGIC = 'openssh-key-v1\0';
/** Cipher with which the library begins to read a key, asks for the passphrase, and then fails even with the right one. */
const CIPHER_NOT_KNOWN = 'chacha20-poly1305@openssh.com';

/** Whether the library cannot read a private key that ssh may be able to read: PKCS#8, or under a newer cipher. */
export function isUnreadableKey(bytes: Buffer): boolean {
  const key = ssh2.utils.parseKey(bytes);
  if (!(key instanceof Error)) return false;
  if (!/passphrase/i.test(key.message)) return true;
  const base64 = bytes.toString('latin1').replace(/-----[^-]*-----|\s/g, '');
  const inside = Buffer.from(base64, 'base64');
  const at = MAGIC.length + 4;
  return (
    inside.toString('latin1', 0, MAGIC.length) === MAGIC &&
    inside.toString('latin1', at, at + inside.readUInt32BE(MAGIC.length)) === CIPHER_NOT_KNOWN
  );
}
