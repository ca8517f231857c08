/*
 * Code that hears and reads packets of fwknop: a bundle of its own, dist/knockgated-fwknop.cjs, which bundles.ts loads. A gate
 * without a [[fwknop]] keeps this code, which reads what anybody may send, out of its process.
 */
export { nodeFwknopCrypto } from '../../src/fwknop/crypto-node.ts';
export { FwknopDoor } from './door.ts';
export { readyKeys } from './keys.ts';
