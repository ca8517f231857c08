import { closeSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inWords } from '../base/phrase.ts';
import { ExitCode } from '../base/problem.ts';
import { exportGpgKey } from '../client/fwknop/gpg-program.ts';
import { DEFAULT_STANZA, type ImportedStanza, importFwknopRc } from '../client/fwknop/rc-file.ts';
import { addHostOfKind } from '../client/hosts/hosts-file.ts';
import { fileUnusable } from '../client/problems.ts';
import { readTextFile } from '../client/read-text-file.ts';
import { IMPORT_FWKNOPRC } from '../command-table/client/hosts.ts';
import { usageProblem } from '../command-table/problems.ts';
import { systemErrorCode } from '../os/system-error.ts';
import { parseHost, parseName } from '../spa/enrolment.ts';
import { changeHosts } from './change-hosts.ts';
import type { Command } from './command.ts';
import { hostsPath } from './paths.ts';
import { printResult } from './result.ts';
import type { Shell } from './shell.ts';

export const importFwknoprc: Command = {
  entry: IMPORT_FWKNOPRC,
  run: async (args, shell) => {
    const [file = '', wanted] = args.positionals;
    const stanza = choose(importFwknopRc(readTextFile(file)), wanted, file);
    const name = nameOf(args.value('name'), stanza);
    const notes = stanza.notes.map((note) => `${file} [${stanza.name}]: ${inWords(note)}`);
    for (const note of notes) shell.tell(note);
    const path = hostsPath(shell);
    const asked = args.value('address');
    const address = asked === undefined ? stanza.fields.address : parseHost(asked, '--address');
    const keys = await keysOf(stanza, name, shell.env);
    if (keys === undefined)
      throw usageProblem(`The stanza ${stanza.name} cannot be carried over.`, 'See the notes above.');
    if (address === undefined)
      throw usageProblem(`The stanza ${stanza.name} names no server.`, 'Add --address with its name or address.');
    const files = Object.entries(keys).map(([field, { file, text }]) => {
      return { field, file, text, path: join(dirname(path), file) };
    });
    const fields = { ...stanza.fields, address, ...Object.fromEntries(files.map(({ field, file }) => [field, file])) };
    const written: string[] = [];
    try {
      for (const file of files) {
        writeKeys(file.path, file.text);
        written.push(file.path);
      }
      // The host comes last: without its keys it would be useless, and its name taken.
      await changeHosts(shell, (file, suffix) => addHostOfKind(file, name, 'fwknop', fields, suffix));
    } catch (error) {
      for (const file of written) rmSync(file);
      throw error;
    }
    const result = { host: name, file: path, notes, keyFiles: written };
    printResult(args, shell, result, `${name}: added in ${path}, its keys in ${written.join(', ')}`);
    return ExitCode.done;
  },
};

function choose(stanzas: readonly ImportedStanza[], wanted: string | undefined, file: string): ImportedStanza {
  const named = stanzas.filter(({ name }) => name !== DEFAULT_STANZA);
  const [only, ...more] = named.length > 0 ? named : stanzas;
  const found = wanted === undefined && more.length === 0 ? only : stanzas.find(({ name }) => name === wanted);
  if (found !== undefined) return found;
  const names = stanzas.map(({ name }) => name).join(', ');
  throw usageProblem(`${file}: which stanza?`, names === '' ? 'It has none.' : `It has ${names}.`);
}

/** Name of the host. [default] names fwknop's defaults, not a host. */
function nameOf(asked: string | undefined, stanza: ImportedStanza): string {
  if (asked === undefined && stanza.name === DEFAULT_STANZA)
    throw usageProblem('The stanza [default] needs a name.', 'Add --name with what you call the host.');
  return parseName(asked ?? stanza.name, '--name');
}

/** Key files, by the field of the hosts file that names each; undefined when there are no usable keys. */
type KeyFiles = Readonly<Record<string, { readonly file: string; readonly text: string }>>;

async function keysOf({ keys, gpg }: ImportedStanza, name: string, env: Shell['env']): Promise<KeyFiles | undefined> {
  if (gpg === undefined) return keys === undefined ? undefined : { keyFile: { file: `${name}.fwknop`, text: keys } };
  const { home, passphrase, recipient, signer, hmacKeys } = gpg;
  const secret = signer && (await exportGpgKey({ key: signer, secret: true, home, passphrase }, env));
  const open = await exportGpgKey({ key: recipient, secret: false, home, passphrase: undefined }, env);
  return {
    gpgRecipientFile: { file: `${name}.server.asc`, text: open },
    ...(secret && { gpgSignerFile: { file: `${name}.signer.asc`, text: secret } }),
    ...(secret && passphrase && { gpgPassphraseFile: { file: `${name}.passphrase`, text: `${passphrase}\n` } }),
    ...(hmacKeys && { keyFile: { file: `${name}.fwknop`, text: hmacKeys } }),
  };
}

/** Writes keys to a new file, never over one that exists. */
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
