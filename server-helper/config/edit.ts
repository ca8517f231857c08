import { closeSync, fchmodSync, fchownSync, fsyncSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { formatKey } from '../../src/spa/keys.ts';
import { configInvalid, fileUnwritable } from '../problems.ts';
import { takeTurn } from './file-lock.ts';
import { parseGateConfig } from './gate-config.ts';
import { Kept } from './kept.ts';
import { readConfigText } from './load.ts';
import { readTables, TomlErrors } from './toml-table.ts';

/**
 * Adds a client at the end of the text. The rest stays as it is, comments included.
 * @param kept as for `parseGateConfig`
 * @throws Problem `config-invalid` when the result would be invalid: the name or the key is taken
 */
export function withClient(
  text: string,
  file: string,
  client: { name: string; key: Uint8Array; ports: readonly string[]; pskFile?: string | undefined },
  kept?: Kept,
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
  parseGateConfig(result, file, kept);
  return result;
}

/**
 * Takes out a client's table and the empty line above it: what `withClient` adds.
 * @throws Problem `config-invalid` when there is no such client, or the rest is invalid
 */
export function withoutClient(text: string, file: string, name: string, kept = new Kept()): string {
  const index = parseGateConfig(text, file, kept).clients.findIndex((candidate) => candidate.name === name);
  const tables = readTables(text, new TomlErrors(file)).filter((table) => table.name === 'client');
  const table = tables[index];
  if (table === undefined) throw configInvalid([`${file}: there is no client ${name}`]);
  const lines = text.split('\n');
  const header = table.line - 1;
  const first = lines[header - 1]?.trim() === '' ? header - 1 : header;
  lines.splice(first, table.lastLine - first);
  const result = lines.join('\n');
  parseGateConfig(result, file, kept);
  return result;
}

/**
 * Replaces a file in one step: readers see the whole old text or the whole new one. Others that change it at the same time
 * wait for their turn. Owner and mode stay.
 * @param change returns the new text; when it throws, the file stays as it is
 * @param tries attempts to get a turn
 * @throws Problem `file-unwritable`, also when an interrupted change has left its lock file
 */
export async function changeFile(path: string, change: (text: string) => string, tries = 100): Promise<void> {
  const temporary = `${path}.new`;
  // The temporary file is also the lock.
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
