import { chmodSync, chownSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { formatKey } from '../../src/spa/keys.ts';
import { configInvalid, fileUnwritable } from '../problems.ts';
import { parseGateConfig } from './gate-config.ts';
import { readTables, TomlErrors } from './toml-table.ts';

/**
 * The text with a client added at its end; what was there stays as it was, comments included.
 * @throws Problem `config-invalid` when the result would not be good: the name or key is taken
 */
export function withClient(
  text: string,
  file: string,
  client: { name: string; key: Uint8Array; ports: readonly string[] },
): string {
  const ports = client.ports.length === 0 ? [] : [`ports = ${JSON.stringify(client.ports)}`];
  const lines = [
    '',
    '[[client]]',
    `name = ${JSON.stringify(client.name)}`,
    `key = "${formatKey(client.key)}"`,
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

/** Puts a text in the place of a file at one stroke, with the owner and rights that the file has. */
export function replaceFile(path: string, text: string): void {
  const temporary = `${path}.new`;
  try {
    const { mode, uid, gid } = statSync(path);
    writeFileSync(temporary, text, { mode: 0o600, flush: true });
    chownSync(temporary, uid, gid);
    chmodSync(temporary, mode & 0o7777);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw fileUnwritable(path, error);
  }
}
