import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { GpgFiles } from '../client/fwknop/gpg-files.ts';
import { type GpgSecrets, openGpgSecrets } from '../client/fwknop/gpg-secrets.ts';
import type { FwknopHost } from '../client/fwknop/host.ts';
import { gpgHmacKeyMalformed } from '../client/fwknop/problems.ts';
import type { KeySource } from '../client/hosts/server-kind.ts';
import { readOwnText, readSecretFile } from '../client/keys/identity.ts';
import { fileUnusable } from '../client/problems.ts';
import type { Digest } from '../fwknop/algorithms.ts';
import { parseHmacKeyFile } from '../fwknop/key-file.ts';
import { systemErrorCode } from '../os/system-error.ts';
import { hostsPath } from './paths.ts';
import { sharedKeysMissing } from './problems.ts';
import { readPsk, readPskFile } from './psk-files.ts';
import type { Shell } from './shell.ts';
import { sudoInvoker } from './sudo.ts';
import { Terminal } from './terminal.ts';

/** Bytes of a private key of RSA-4096 with some subkeys, and signatures by others. */
const LONGEST_GPG_KEY = 100_000;

/**
 * The keys of the command line, which are in files: relative paths count from the hosts file.
 * @param key path of the client key
 * @param pskFile replaces the one that the hosts file names
 */
export function keysOfFiles(key: string, pskFile: string | undefined, shell: Shell): KeySource {
  return {
    clientKeys: async (host) => {
      const privateKey = readSecretFile(key, shell.owner);
      const psk = pskFile === undefined ? readPsk(host, shell) : readPskFile(pskFile, shell);
      return [{ privateKey, psk, opened: async () => {} }];
    },
    sharedKeys: async ({ name }, file = '') => {
      const path = besideHosts(file, shell);
      if (!existsSync(path)) throw sharedKeysMissing(name, path);
      return { text: readOwn(path, shell), file: path };
    },
    gpgKeys: (host) => readGpg(host, shell),
  };
}

async function readGpg({ keyFile, hmac, gpg }: FwknopHost, shell: Shell): Promise<GpgSecrets> {
  if (gpg === undefined) throw new RangeError('a host in GnuPG’s mode without its files');
  const hmacKey = keyFile === undefined ? undefined : readHmacKey(besideHosts(keyFile, shell), hmac, shell);
  const recipient = besideHosts(gpg.recipient, shell);
  const signer = gpg.signer === undefined ? undefined : besideHosts(gpg.signer, shell);
  return await openGpgSecrets({
    recipient: { name: recipient, text: readText(recipient) },
    signer: signer === undefined ? undefined : { name: signer, text: readOwn(signer, shell, LONGEST_GPG_KEY) },
    passphrase: () => passphraseOf(gpg, shell),
    hmacKey,
  });
}

/** Reads a file that is for its owner alone, which under sudo may be the user who ran it. */
function readOwn(path: string, shell: Shell, most?: number): string {
  const alsoUid = sudoInvoker(shell)?.uid;
  return readOwnText(path, shell.owner, { alsoUid, ...(most !== undefined && { most }) }) ?? '';
}

function readHmacKey(path: string, hmac: Digest | undefined, shell: Shell): Uint8Array {
  const key = parseHmacKeyFile(readOwn(path, shell));
  if (key === undefined || hmac === undefined) throw gpgHmacKeyMalformed(path);
  return key;
}

/** Passphrase from its file, or from the person at the terminal. As a `ProxyCommand`, the program has no terminal. */
async function passphraseOf({ signer, passphrase }: GpgFiles, shell: Shell): Promise<string | undefined> {
  if (passphrase !== undefined) {
    // The file has bytes; a passphrase is UTF-8, as gpg takes it.
    return Buffer.from(readOwn(besideHosts(passphrase, shell), shell), 'latin1').toString('utf8');
  }
  const stdin = shell.openStdin();
  if (!('isTTY' in stdin && stdin.isTTY === true)) return undefined;
  return await new Terminal(stdin, shell.ask, shell.interrupt, shell.signal).secret(`Passphrase of ${signer}:`);
}

function besideHosts(file: string, shell: Shell): string {
  return resolve(dirname(hostsPath(shell)), file);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw fileUnusable(path, systemErrorCode(error) ?? 'unknown');
  }
}
