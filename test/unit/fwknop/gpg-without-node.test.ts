import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);

/** Takes away of Node's cryptography what Electron's BoringSSL has not, or not surely: all ciphers, digests, RSA's padding. */
const WITHOUT = `
  const crypto = require('node:crypto');
  crypto.getCiphers = () => [];
  crypto.getHashes = () => [];
  for (const name of ['createCipheriv', 'createDecipheriv', 'createHash', 'createHmac', 'createECDH', 'privateDecrypt'])
    crypto[name] = () => { throw new Error(name); };`;

const SCRIPT = `
  const pgp = require(process.argv[1]);
  (async () => {
    for (const kind of [{ type: 'rsa', rsaBits: 2048 }, { type: 'ecc', curve: 'curve25519Legacy' }]) {
      const { privateKey, publicKey } = await pgp.generateKey({ ...kind, userIDs: [{ name: 'a' }], passphrase: 'b', format: 'object' });
      const key = await pgp.decryptKey({ privateKey, passphrase: 'b' });
      const message = await pgp.createMessage({ binary: new Uint8Array(100) });
      const sealed = await pgp.encrypt({ message, encryptionKeys: publicKey, signingKeys: key, format: 'binary' });
      const opened = await pgp.decrypt({
        message: await pgp.readMessage({ binaryMessage: sealed }),
        decryptionKeys: key, verificationKeys: publicKey, expectSigned: true, format: 'binary',
      });
      console.log(kind.type, opened.data.length);
    }
  })();`;

it("OpenPGP needs nothing of Node's cryptography that an editor may not have", async () => {
  const library = createRequire(import.meta.url).resolve('openpgp');
  const { stdout } = await run(process.execPath, ['-e', WITHOUT + SCRIPT, library]);
  expect(stdout).toBe('rsa 100\necc 100\n');
});
