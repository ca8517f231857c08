/** Code that speaks to fwknopd, for the editor: a bundle of its own, dist/fwknop.js, loaded when a host needs it. */

export { speak } from '../../base/phrase.ts';
export { nobleFwknopCrypto } from '../../fwknop/crypto-noble.ts';
export { exportGpgKey, listGpgKeys } from './gpg-program.ts';
export { openGpgSecrets } from './gpg-secrets.ts';
export { openFwknopHost } from './open.ts';
export { sendTcp } from './send-tcp.ts';
