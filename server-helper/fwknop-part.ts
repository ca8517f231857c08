/*
 * What hears and reads packets of fwknop: a bundle of its own, dist/knockgated-fwknop.cjs, which parts.ts loads. A gate without
 * a [[fwknop]] keeps this code, which reads what anybody may send, out of its process.
 */
export { nodeFwknopCrypto } from '../src/fwknop/crypto-node.ts';
export { FwknopDoor } from './daemon/fwknop-door.ts';
export { readyKeys } from './daemon/fwknop-keys.ts';
