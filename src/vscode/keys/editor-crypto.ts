import { randomBytes } from 'node:crypto';
import type { CryptoProvider } from '../../spa/crypto.ts';
import { nodeCrypto } from '../../spa/crypto-node.ts';
import { isSound } from '../../spa/known-answers.ts';

/**
 * The cryptography of this editor: what its Node brings, which is quick and made for keeping secrets, wherever that gives
 * the right answers. An Electron is built on BoringSSL, which promises nothing of the kind; there the noble libraries do it,
 * which are not so much as evaluated elsewhere.
 */
export async function editorCrypto(own: CryptoProvider = nodeCrypto): Promise<CryptoProvider> {
  if (isSound(own)) return own;
  const { nobleCrypto } = await import('../../spa/crypto-noble.ts');
  return nobleCrypto((length) => randomBytes(length));
}
