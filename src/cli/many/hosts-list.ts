import { usageProblem } from '../../command-table/problems.ts';

/**
 * Reads a list of hosts: one a line; `#` begins a comment, at the begin of a line or behind a blank.
 * @param file its name, for errors
 * @throws Problem `usage`
 */
export function parseHostsList(text: string, file: string): readonly string[] {
  const lines = text.split(/\r?\n/);
  const names = lines.map((line) => line.replace(/(^|\s)#.*$/, '').trim()).filter((line) => line !== '');
  const bad = names.find((name) => /[\s,]/.test(name));
  if (bad !== undefined)
    throw usageProblem(`${file}: ${JSON.stringify(bad)} is not one host.`, 'Write one host a line.');
  if (names.length === 0) throw usageProblem(`${file}: there is no host in it.`, 'Write one host a line.');
  return distinct(names, file);
}

/**
 * Refuses a name that occurs twice: the second one would find the host locked by the first.
 * @param where the names come from, for errors
 * @throws Problem `usage`
 */
export function distinct(names: readonly string[], where: string): readonly string[] {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw usageProblem(`${where}: ${JSON.stringify(name)} occurs twice.`, 'Name each host once.');
    seen.add(name);
  }
  return names;
}
