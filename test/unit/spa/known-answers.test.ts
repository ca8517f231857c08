import { createCipheriv } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { CryptoProvider } from '../../../src/spa/crypto.ts';
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import { isSound } from '../../../src/spa/known-answers.ts';
import { PROVIDERS } from './support.ts';

const missing = () => {
  throw new Error('not in this build');
};
const flip = (bytes: Uint8Array) => bytes.map((byte, i) => (i === 5 ? byte ^ 1 : byte));

/** CBC: the first block comes out as it should. */
function chained(key: Uint8Array, blocks: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-256-cbc', key, new Uint8Array(16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(blocks), cipher.final()]);
}

/** Engines that lack something, or have it otherwise. */
const BROKEN: [string, Partial<CryptoProvider>][] = [
  ['has no X25519', { publicKey: missing, agree: missing }],
  ['has another public key', { publicKey: (key) => flip(nodeCrypto.publicKey(key)) }],
  ['agrees on something else', { agree: (own, other) => flip(nodeCrypto.agree(own, other)) }],
  [
    'agrees on nothing',
    { agree: (own, other) => (other.every((byte) => byte === 0) ? other : nodeCrypto.agree(own, other)) },
  ],
  ['has another hash', { sha256: (data) => flip(nodeCrypto.sha256(data)) }],
  ['has another HMAC', { hmacSha256: (key, data) => flip(nodeCrypto.hmacSha256(key, data)) }],
  ['has no AES of single blocks', { aesBlocks: missing }],
  ['has another AES of single blocks', { aesBlocks: (key, blocks) => flip(nodeCrypto.aesBlocks(key, blocks)) }],
  ['chains the blocks', { aesBlocks: chained }],
  ['has no AES-GCM', { seal: missing }],
  [
    'leaves out what is associated',
    { seal: (key, nonce, _, text) => nodeCrypto.seal(key, nonce, new Uint8Array(0), text) },
  ],
  ['opens to something else', { open: (...sealed) => flip(nodeCrypto.open(...sealed)) }],
  ['opens what is forged', { open: () => nodeCrypto.agree(ALICE, nodeCrypto.publicKey(BOB)) }],
];
const ALICE = Buffer.from('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a', 'hex');
const BOB = Buffer.from('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb', 'hex');

describe('a provider of cryptography', () => {
  it.each(PROVIDERS)('is sound: $name', ({ crypto }) => {
    expect(isSound(crypto)).toBe(true);
  });

  it.each(BROKEN)('is not when it %s', (_, fault) => {
    expect(isSound({ ...nodeCrypto, ...fault })).toBe(false);
  });
});
