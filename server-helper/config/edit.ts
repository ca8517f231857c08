import { closeSync, fchmodSync, fchownSync, fsyncSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { formatKey } from '../../src/spa/keys.ts';
import { configInvalid, fileUnwritable } from '../problems.ts';
import { takeTurn } from './file-lock.ts';
import { parseGateConfig } from './gate-config.ts';
import { readConfigText } from './load.ts';
import { readTables, TomlErrors } from './toml-table.ts';

/**
 * The text with a client added at its end; what was there stays as it was, comments included.
 * @throws Problem `config-invalid` when the result would not be good: the name or key is taken
 */
export function withClient(
  text: string,
  file: string,
  client: { name: string; key: Uint8Array; ports: readonly string[]; pskFile?: string | undefined },
): string {
  const ports = client.ports.length === 0 ? [] : [`ports = ${JSON.stringify(client.ports)}`];
  const lines = [
    '',
    '[[client]]',
    `name = ${JSON.stringify(client.name)}`,
    `key = "${formatKey(client.key)}"`,
    ...(client.pskFile === undefined ? [] : [`psk_file = ${JSON.stringify(client.pskFile)}`]),
    ...ports,
    '',
  ];
  const result = `${text.endsWith('\n') || text === '' ? text : `${text}\n`}${lines.join('\n')}`;
  parseGateConfig(result, file);
  return result;
}

/**
 * The text without a client's table, with the empty line above it: what `withClient` added.
 * @throws Problem `config-invalid` when there is no such client, or the rest is not good
 */
export function withoutClient(text: string, file: string, name: string): string {
  const client = parseGateConfig(text, file).clients.find((candidate) => candidate.name === name);
  if (client === undefined) throw configInvalid([`${file}: there is no client ${name}`]);
  const table = readTables(text, new TomlErrors(file)).find(({ line }) => line === client.line);
  const lines = text.split('\n');
  const header = client.line - 1;
  const first = lines[header - 1]?.trim() === '' ? header - 1 : header;
  lines.splice(first, (table?.lastLine ?? client.line) - first);
  const result = lines.join('\n');
  parseGateConfig(result, file);
  return result;
}

/**
 * Changes a file at one stroke: readers see the old text or the new one, whole. Others that change it at the same time wait
 * for their turn; owner and rights stay.
 * @param change gives the new text; what it throws leaves the file as it was
 * @param tries looks for a turn before it gives up
 * @throws Problem `file-unwritable`, also when a change that was broken off is in the way
 */
export async function changeFile(path: string, change: (text: string) => string, tries = 100): Promise<void> {
  const temporary = `${path}.new`;
  // The temporary file is the lock as well.
  const fd = await takeTurn(path, temporary, tries);
  try {
    const text = change(readConfigText(path));
    try {
      const { mode, uid, gid } = statSync(path);
      fchownSync(fd, uid, gid);
      fchmodSync(fd, mode & 0o7777);
      writeFileSync(fd, text);
      fsyncSync(fd);
      renameSync(temporary, path);
    } catch (error) {
      throw fileUnwritable(path, error);
    }
  } finally {
    closeSync(fd);
    rmSync(temporary, { force: true });
  }
}
