import { equalConstantTime, fromBase64Url, toBase64Url, utf8 } from '../base/bytes.ts';
import type { CryptoProvider } from './crypto.ts';
import { isLowOrder } from './keys.ts';

/** The private keys of Alice and Bob in RFC 7748, section 6.1. */
const ALICE = 'dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo';
const BOB = 'XasIfmJKikt54X-Lg4AO5m87sSkmGLb9HC-LJ_-I4Os';
/**
 * The final result, which OpenSSL and the noble libraries agree on. The unit tests check each primitive against published
 * vectors.
 */
const ANSWER = 'C2wBb6r0F0jSJUHkXRdRrpixsL2rvARnNeRcCYZZXLYNXwG-JR2_OTZm-UdXnpvV';

const NONCE = new Uint8Array(12).fill(1);
const ASSOCIATED = utf8('knockgate');

/**
 * Whether a provider gives the right answers. Every primitive runs once, on the result of the previous one, and the last
 * result is compared. For engines that may lack some primitives or compute them in another way.
 */
export function isSound(crypto: CryptoProvider): boolean {
  const [alice, bob] = [fromBase64Url(ALICE), fromBase64Url(BOB)];
  if (alice === undefined || bob === undefined) return false;
  try {
    const shared = crypto.agree(alice, crypto.publicKey(bob));
    const key = crypto.aesBlocks(crypto.hmacSha256(crypto.sha256(shared), bob), shared);
    const sealed = crypto.seal(key, NONCE, ASSOCIATED, shared);
    const isRight =
      toBase64Url(sealed) === ANSWER && equalConstantTime(crypto.open(key, NONCE, ASSOCIATED, sealed), shared);
    return isRight && isLowOrder(crypto, new Uint8Array(32)) && refusesForgery(crypto, key, sealed);
  } catch {
    return false;
  }
}

function refusesForgery(crypto: CryptoProvider, key: Uint8Array, sealed: Uint8Array): boolean {
  try {
    crypto.open(key, NONCE, utf8('something else'), sealed);
    return false;
  } catch {
    return true;
  }
}
