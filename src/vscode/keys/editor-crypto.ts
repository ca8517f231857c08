import { randomBytes } from 'node:crypto';
import type { CryptoProvider } from '../../spa/crypto.ts';
import { nodeCrypto } from '../../spa/crypto-node.ts';
import { isSound } from '../../spa/known-answers.ts';

/**
 * Chooses the cryptography of this editor: that of its Node, which is fast and made for secrets, if it gives the right answers.
 * Electron is built on BoringSSL, which does not promise that; there the noble libraries are used, which are not even evaluated
 * elsewhere.
 */
export async function editorCrypto(own: CryptoProvider = nodeCrypto): Promise<CryptoProvider> {
  if (isSound(own)) return own;
  const { nobleCrypto } = await import('../../spa/crypto-noble.ts');
  return nobleCrypto((length) => randomBytes(length));
}
