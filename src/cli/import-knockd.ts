import { basename } from 'node:path';
import { inEnglish } from '../base/phrase.ts';
import { ExitCode } from '../base/problem.ts';
import { addHostOfKind } from '../client/hosts/hosts-file.ts';
import { readTextFile } from '../client/read-text-file.ts';
import { type ImportedDoor, importKnockdDoors } from '../client/sequence/knockd-door.ts';
import { IMPORT_KNOCKD } from '../command-table/client/hosts.ts';
import { usageProblem } from '../command-table/problems.ts';
import { parseHost, parseName } from '../spa/enrolment.ts';
import { changeHosts } from './change-hosts.ts';
import type { Command } from './command.ts';
import { hostsPath } from './paths.ts';
import { printResult } from './result.ts';

export const importKnockd: Command = {
  entry: IMPORT_KNOCKD,
  run: async (args, shell) => {
    const [file = '', wanted] = args.positionals;
    const door = choose(importKnockdDoors(readTextFile(file), basename(file)), wanted, file);
    const name = parseName(args.value('name') ?? door.name, '--name');
    const notes = door.notes.map(inEnglish);
    for (const note of notes) shell.tell(note);
    if (door.fields.steps === undefined)
      throw usageProblem(`The section ${door.name} cannot be carried over.`, 'See the notes above.');
    const asked = args.value('address');
    const address = asked === undefined ? door.fields.address : parseHost(asked, '--address');
    if (address === undefined)
      throw usageProblem('Where is it?', 'knockd.conf does not say where its server is: add --address.');
    const path = hostsPath(shell);
    const fields = { ...door.fields, address };
    await changeHosts(shell, (file, suffix) => addHostOfKind(file, name, 'sequence', fields, suffix));
    printResult(args, shell, { host: name, file: path, notes }, `${name}: added in ${path}`);
    return ExitCode.done;
  },
};

function choose(doors: readonly ImportedDoor[], wanted: string | undefined, file: string): ImportedDoor {
  const open = doors.filter(({ fields }) => fields.steps !== undefined);
  const found = wanted === undefined && open.length === 1 ? open[0] : doors.find(({ name }) => name === wanted);
  if (found !== undefined) return found;
  const names = doors.map(({ name }) => name).join(', ');
  throw usageProblem(`${file}: which section?`, names === '' ? 'It has none.' : `It has ${names}.`);
}
