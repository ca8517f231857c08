import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { formatPort } from '../base/ports.ts';
import { ExitCode } from '../base/problem.ts';
import { addHostOfKind, addToHostsFile } from '../client/hosts/hosts-file.ts';
import { gateKeyUnusable } from '../client/problems.ts';
import { ADD } from '../command-table/client/hosts.ts';
import type { Arguments } from '../command-table/read-line.ts';
import { isSequenceLine, parseSequenceLine } from '../sequence/line.ts';
import { formatKnockStep } from '../sequence/step.ts';
import { type GateEnrolment, parseGateLine, parseName } from '../spa/enrolment.ts';
import { isLowOrder } from '../spa/keys.ts';
import { changeHosts } from './change-hosts.ts';
import type { Command } from './command.ts';
import { hostsPath, keyPath } from './paths.ts';
import { printResult } from './result.ts';
import type { Shell } from './shell.ts';

export const add: Command = {
  entry: ADD,
  run: async (args, shell) => {
    const line = args.positionals.length > 0 ? args.positionals.join(' ') : await text(shell.openStdin());
    if (isSequenceLine(line)) return await addSequence(line, args, shell);
    const [gate, ...members] = parseGateLines(line);
    if (gate === undefined) throw new RangeError('split gives one part at least');
    const name = parseName(args.value('name') ?? gate.name, '--name');
    if ([gate, ...members].some(({ key }) => isLowOrder(shell.crypto, key))) throw gateKeyUnusable(name);
    const path = hostsPath(shell);
    const replace = args.flag('replace');
    const done = await changeHosts(shell, (file, suffix) =>
      addToHostsFile(file, name, gate, replace, suffix, members.length === 0 ? {} : { members }),
    );
    tellAdded(name, path, done, args, shell);
    const next = existsSync(keyPath(args, shell)) ? `knockgate knock ${name}` : 'knockgate keygen';
    tellNext(name, next, shell);
    return ExitCode.done;
  },
};

/** Lines of a gate, or of all gates of a group, on lines of their own or behind one another. */
function parseGateLines(text: string): readonly GateEnrolment[] {
  return text
    .trim()
    .split(/\s+(?=knockgate1 gate )/)
    .map((line) => parseGateLine(line));
}

/** Adds a host by the line of a sequence, which needs no key. */
async function addSequence(line: string, args: Arguments, shell: Shell): Promise<ExitCode> {
  const sequence = parseSequenceLine(line);
  const name = parseName(args.value('name') ?? sequence.name, '--name');
  const fields = {
    address: sequence.address,
    steps: sequence.steps.map(formatKnockStep).join(' '),
    ports: sequence.ports.map(formatPort),
  };
  await changeHosts(shell, (file, suffix) => addHostOfKind(file, name, 'sequence', fields, suffix));
  tellAdded(name, hostsPath(shell), 'added', args, shell);
  tellNext(name, `knockgate knock ${name}`, shell);
  return ExitCode.done;
}

function tellAdded(name: string, file: string, done: string, args: Arguments, shell: Shell): void {
  const said = done === 'unchanged' ? `${name}: already in ${file}, with this line` : `${name}: ${done} in ${file}`;
  printResult(args, shell, { host: name, file, done }, said);
}

function tellNext(name: string, next: string, shell: Shell): void {
  shell.tell(`Next: ${next}`);
  shell.tell(`For every ssh to knock by itself: knockgate ssh-config ${name} --write`);
}
