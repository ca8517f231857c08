import * as openpgp from 'openpgp';

/** A pair of OpenPGP keys, ASCII-armoured. */
export interface TestKeys {
  readonly secret: string;
  readonly public: string;
  readonly fingerprint: string;
}

/** Makes a pair that signs and is encrypted to; with a passphrase it is locked. */
export async function makeGpgKeys(
  name: string,
  { kind = 'rsa', passphrase, date }: { kind?: 'rsa' | 'ecc'; passphrase?: string; date?: Date } = {},
): Promise<TestKeys> {
  const { privateKey, publicKey } = await openpgp.generateKey({
    ...(kind === 'rsa' ? { type: 'rsa', rsaBits: 2048 } : { type: 'ecc', curve: 'curve25519Legacy' }),
    userIDs: [{ name, email: `${name}@test.invalid` }],
    format: 'object',
    ...(date && { date }),
    ...(passphrase !== undefined && { passphrase }),
  });
  return { secret: privateKey.armor(), public: publicKey.armor(), fingerprint: publicKey.getFingerprint() };
}
