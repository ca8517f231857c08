import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Host } from '../client/gate/host.ts';
import { readGates } from '../client/hosts/hosts-file.ts';
import { readSecretFile, writeKeyFile } from '../client/keys/identity.ts';
import { pskMissing } from '../client/problems.ts';
import { hostsPath } from './paths.ts';
import type { Shell } from './shell.ts';

/*
 * Files with pre-shared keys: `pskFile` in the hosts file names them, relative to that file. A deployment makes psk/HOST.
 */

/** @param path as the hosts file has it */
export function pskPath(path: string, shell: Shell): string {
  return resolve(dirname(hostsPath(shell)), path);
}

/**
 * Reads the pre-shared key of a host; undefined when it has none.
 * @throws Problem as `readSecretFile`
 */
export function readPsk(host: Pick<Host, 'pskFile'> | undefined, shell: Shell): Uint8Array | undefined {
  return host?.pskFile === undefined ? undefined : readPskFile(pskPath(host.pskFile, shell), shell);
}

/** @throws Problem as `readSecretFile` */
export function readPskFile(path: string, shell: Shell): Uint8Array {
  return readSecretFile(path, shell.owner, pskMissing);
}

/**
 * Writes a pre-shared key to a file of its own, and never over another one.
 * @returns the path as the hosts file is to have it
 * @throws Problem as `writeKeyFile`
 */
export function writePsk(host: string, psk: Uint8Array, shell: Shell): string {
  let path = `psk/${host}`;
  for (let number = 2; existsSync(pskPath(path, shell)); number++) path = `psk/${host}-${number}`;
  writeKeyFile(pskPath(path, shell), shell.owner, psk);
  return path;
}

/**
 * Deletes the pre-shared key of a host that is no longer in the hosts file, when a deployment has made it. A file that a
 * person has put elsewhere stays, and so does one that another host names.
 */
export function forgetPsk({ name, pskFile }: Pick<Host, 'name' | 'pskFile'>, shell: Shell): void {
  if (pskFile === undefined || pskFile.replace(/-[0-9]+$/, '') !== `psk/${name}`.replace(/-[0-9]+$/, '')) return;
  const others = readGates(hostsPath(shell)).values();
  if ([...others].some((other) => other.pskFile === pskFile)) return;
  removePsk(pskFile, shell);
}

/** Deletes the file, and its folder when nothing else is in it. */
export function removePsk(pskFile: string, shell: Shell): void {
  const path = pskPath(pskFile, shell);
  rmSync(path, { force: true });
  if (existsSync(dirname(path)) && readdirSync(dirname(path)).length === 0) rmdirSync(dirname(path));
}
