import { badText } from '../../src/base/problem.ts';
import { isId } from '../../src/fleet/documents.ts';
import { isToken } from '../../src/fleet/layout.ts';
import { absolutePath, readTables, TableReader, TomlErrors } from '../config/toml-table.ts';
import { configInvalid } from '../problems.ts';

/** Contents of /etc/knockgate/fleet.toml. */
export interface AgentSettings {
  readonly gate: string;
  readonly token: string;
  readonly source: { readonly folder: string } | { readonly url: URL; readonly caFile: string | undefined };
  /** Seconds. */
  readonly poll: number;
}

/** @throws Problem `config-invalid` */
export function parseSettings(text: string, file: string): AgentSettings {
  const errors = new TomlErrors(file);
  const [table, ...more] = readTables(text, errors);
  for (const { line, name } of more) errors.add(line, `one [store] is expected, and this is [${name}]`);
  if (table === undefined || table.name !== 'store' || table.isArrayElement) {
    errors.add(table?.line ?? 1, 'the file should begin with [store]');
    throw configInvalid(errors.found);
  }
  const reader = new TableReader(table, errors);
  const settings = {
    gate: reader.text('gate', (value, field) => matching(isId, value, field, 'the id of a gate'), ''),
    token: reader.text('token', (value, field) => matching(isToken, value, field, 'a token of 43 characters'), ''),
    poll: reader.number('poll', 2, 3600, 60),
  };
  const folder = reader.text('folder', absolutePath, undefined);
  const url = reader.text('url', httpsUrl, undefined);
  const caFile = reader.text('ca', absolutePath, undefined);
  for (const key of ['gate', 'token']) if (!reader.has(key)) reader.fail(key, `${key} is missing`);
  if (reader.has('folder') === reader.has('url')) reader.fail('url', 'either folder or url is expected');
  if (caFile !== undefined && url === undefined) reader.fail('ca', 'ca belongs to url');
  reader.finish();
  if (errors.found.length > 0) throw configInvalid(errors.found);
  if (url !== undefined) return { ...settings, source: { url, caFile } };
  return { ...settings, source: { folder: folder ?? '' } };
}

function matching(isGood: (text: string) => boolean, text: string, field: string, expected: string): string {
  // A token is a secret, and is not repeated.
  if (!isGood(text)) throw badText(field, field === 'token' ? '' : text, expected);
  return text;
}

/** Ends with a slash, so that names are resolved below it. */
function httpsUrl(text: string, field: string): URL {
  const expected = 'an address such as https://store.example.net/fleet/';
  const url = parsedUrl(text);
  if (url === undefined) throw badText(field, text, expected);
  const isPlain = url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (url.protocol !== 'https:' || !isPlain || !url.pathname.endsWith('/')) throw badText(field, text, expected);
  return url;
}

function parsedUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
