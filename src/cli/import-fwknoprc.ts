import { closeSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type ImportedStanza, importFwknopRc } from '../client/fwknop/rc-file.ts';
import { addHostOfKind } from '../client/hosts-file.ts';
import { fileUnusable } from '../client/problems.ts';
import { readTextFile } from '../client/read-text-file.ts';
import { systemErrorCode } from '../client/system-error.ts';
import { toBase64Url } from '../spa/bytes.ts';
import { parseName } from '../spa/enrolment.ts';
import { inWords } from '../spa/phrase.ts';
import { ExitCode } from '../spa/problem.ts';
import { type Command, usageProblem } from './command.ts';
import { hostsPath } from './places.ts';

export const importFwknoprc: Command = {
  name: 'import-fwknoprc',
  summary: 'Add a host by its stanza in .fwknoprc',
  help: `Usage: knockgate import-fwknoprc FILE [STANZA] [--name ALIAS]

Adds a host behind fwknopd to ~/.config/knockgate/hosts.toml, with its keys in a file
beside it that only you can read. Says what could not be carried over. FILE stays as it is.

  STANZA        which one; not needed when there is but one besides [default]
  --name ALIAS  what you call it: the name that you give to ssh; default: the stanza's

Example:
  knockgate import-fwknoprc ~/.fwknoprc bastion`,
  options: { name: 'value' },
  arguments: { least: 1, most: 2 },
  run: async (args, shell) => {
    const [file = '', wanted] = args.positionals;
    const stanza = choose(importFwknopRc(readTextFile(file)), wanted, file);
    const name = parseName(args.value('name') ?? stanza.name, '--name');
    for (const note of stanza.notes) shell.tell(`${file} [${stanza.name}]: ${inWords(note)}`);
    if (stanza.keys === undefined || stanza.fields.address === undefined)
      throw usageProblem(`The stanza ${stanza.name} cannot be carried over.`, 'See the notes above.');
    const path = hostsPath(shell);
    const keyPath = join(dirname(path), `${name}.fwknop`);
    const fields = { ...stanza.fields, keyFile: basename(keyPath) };
    // The hosts file last: a host without its keys would be in the way.
    writeKeys(keyPath, stanza.keys);
    try {
      addHostOfKind(path, name, 'fwknop', fields, toBase64Url(shell.crypto.randomBytes(9)));
    } catch (error) {
      rmSync(keyPath);
      throw error;
    }
    shell.print(`${name}: added in ${path}, its keys in ${keyPath}`);
    return ExitCode.done;
  },
};

function choose(stanzas: readonly ImportedStanza[], wanted: string | undefined, file: string): ImportedStanza {
  const found = wanted === undefined && stanzas.length === 1 ? stanzas[0] : stanzas.find(({ name }) => name === wanted);
  if (found !== undefined) return found;
  const names = stanzas.map(({ name }) => name).join(', ');
  throw usageProblem(`${file}: which stanza?`, names === '' ? 'It has none.' : `It has ${names}.`);
}

/** Never over a file that is there. */
function writeKeys(path: string, keys: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const file = openSync(path, 'wx', 0o600);
    writeFileSync(file, keys);
    closeSync(file);
  } catch (error) {
    throw fileUnusable(path, systemErrorCode(error) ?? 'unknown');
  }
}
