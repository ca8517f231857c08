import type { Mode } from '../../src/fwknop/algorithms.ts';
import { run, TARGET4 } from './netns.ts';
import type { Finished } from './process.ts';

/** fwknop's name of each mode on its command line. */
export const MODE_NAME: Record<Mode, string> = {
  cbc: 'CBC',
  cfb: 'CFB',
  ofb: 'OFB',
  ctr: 'CTR',
  ecb: 'ECB',
  legacy: 'legacy',
};

export interface HmacKey {
  readonly type: string;
  readonly key: string;
}

/** Runs fwknop's own client in a namespace; without an HMAC of ours, it is told so. */
export function runFwknop(
  ns: string,
  home: string,
  ask: readonly string[],
  key: string,
  hmac: HmacKey | undefined,
): Promise<Finished> {
  const keys = ['--key-base64-rijndael', base64(key)];
  const withHmac = hmac ? ['--use-hmac', '--hmac-digest-type', hmac.type, '--key-base64-hmac', base64(hmac.key)] : [];
  return run(ns, ['fwknop', '--no-rc-file', '-D', TARGET4, ...ask, ...keys, ...withHmac], {
    env: { ...process.env, HOME: home },
  });
}

/** Keys of GnuPG that a packet is made with. */
export interface GpgClient {
  /** GnuPG's folder. */
  readonly home: string;
  /** Fingerprints; undefined: unsigned. */
  readonly signer: string | undefined;
  readonly recipient: string;
}

/** Runs it in GnuPG's mode, with an HMAC and a signer's key that has no passphrase. */
export function runFwknopGpg(
  ns: string,
  home: string,
  ask: readonly string[],
  { home: keys, signer, recipient }: GpgClient,
  hmacKey: string,
): Promise<Finished> {
  const to = ['--gpg-encryption', '--gpg-home-dir', keys, '--gpg-recipient-key', recipient];
  const by = signer === undefined ? [] : ['--gpg-signer-key', signer, '--gpg-no-signing-pw'];
  const keyed = ['--use-hmac', '--key-base64-hmac', base64(hmacKey)];
  return run(ns, ['fwknop', '--no-rc-file', '-D', TARGET4, ...to, ...by, ...keyed, ...ask], {
    env: { ...process.env, HOME: home },
  });
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
