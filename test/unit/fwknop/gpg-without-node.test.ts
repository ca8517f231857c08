import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);

/**
 * Removes the parts of Node's cryptography that Electron's BoringSSL lacks or may lack: all ciphers, digests and RSA
 * padding; the younger curves and key wrapping of WebCrypto.
 */
const WITHOUT = `
  const crypto = require('node:crypto');
  crypto.getCiphers = () => [];
  crypto.getHashes = () => [];
  for (const name of ['createCipheriv', 'createDecipheriv', 'createHash', 'createHmac', 'createECDH', 'privateDecrypt'])
    crypto[name] = () => { throw new Error(name); };
  const { subtle } = globalThis.crypto;
  const missing = ['X25519', 'X448', 'Ed25519', 'Ed448', 'AES-KW'];
  for (const name of ['generateKey', 'importKey', 'deriveBits', 'sign', 'verify', 'wrapKey', 'unwrapKey']) {
    const own = subtle[name].bind(subtle);
    const isMissing = (each) => missing.includes(typeof each === 'string' ? each : each?.name);
    subtle[name] = async (...args) => {
      if (args.some(isMissing)) throw new DOMException(name, 'NotSupportedError');
      return own(...args);
    };
  }`;

const SCRIPT = `
  const pgp = require(process.argv[1]);
  (async () => {
    const kinds = [{ type: 'rsa', rsaBits: 2048 }, { type: 'ecc', curve: 'curve25519Legacy' }, { type: 'curve25519' }];
    for (const kind of kinds) {
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
  expect(stdout).toBe('rsa 100\necc 100\ncurve25519 100\n');
});
