import { basename } from 'node:path';
import { toBase64Url } from '../base/bytes.ts';
import { inEnglish } from '../base/phrase.ts';
import { ExitCode } from '../base/problem.ts';
import { addHostOfKind } from '../client/hosts/hosts-file.ts';
import { readTextFile } from '../client/read-text-file.ts';
import { type ImportedDoor, importKnockdDoors } from '../client/sequence/knockd-door.ts';
import { parseHost, parseName } from '../spa/enrolment.ts';
import { type Command, usageProblem } from './command.ts';
import { hostsPath } from './paths.ts';

export const importKnockd: Command = {
  name: 'import-knockd',
  summary: 'Add a host by its section in knockd.conf',
  help: `Usage: knockgate import-knockd FILE [SECTION] [--address HOST] [--name ALIAS]

Adds a host that opens to a sequence of ports to ~/.config/knockgate/hosts.toml, by the
server's knockd.conf. Says what could not be carried over. FILE stays as it is.

  SECTION         which door; not needed when only one can be knocked at
  --address HOST  where to knock; default: the section's target, if it has one
  --name ALIAS    what you call it: the name that you give to ssh; default: the section's

Example:
  knockgate import-knockd knockd.conf openSSH --address bastion.example --name bastion`,
  options: { address: 'value', name: 'value' },
  arguments: { least: 1, most: 2 },
  run: async (args, shell) => {
    const [file = '', wanted] = args.positionals;
    const door = choose(importKnockdDoors(readTextFile(file), basename(file)), wanted, file);
    const name = parseName(args.value('name') ?? door.name, '--name');
    for (const note of door.notes) shell.tell(inEnglish(note));
    if (door.fields.steps === undefined)
      throw usageProblem(`The section ${door.name} cannot be carried over.`, 'See the notes above.');
    const asked = args.value('address');
    const address = asked === undefined ? door.fields.address : parseHost(asked, '--address');
    if (address === undefined)
      throw usageProblem('Where is it?', 'knockd.conf does not say where its server is: add --address.');
    const path = hostsPath(shell);
    addHostOfKind(path, name, 'sequence', { ...door.fields, address }, toBase64Url(shell.crypto.randomBytes(9)));
    shell.print(`${name}: added in ${path}`);
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
