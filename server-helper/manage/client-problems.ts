import { ExitCode, Problem } from '../../src/base/problem.ts';

/** A device has one key and one name on a gate. */
export function clientKeyKnown(name: string, file: string): Problem {
  return new Problem({
    code: 'client-known',
    what: `This key is already enrolled, as ${name}.`,
    next: `Change its name, ports or psk_file in ${file}, or remove it first: knockgated client remove ${name}`,
    exit: ExitCode.inUse,
  });
}

export function clientNameTaken(name: string): Problem {
  return new Problem({
    code: 'client-name-taken',
    what: `Another key is already enrolled as ${name}.`,
    next: `Enrol this one under another name: --name ${name.slice(0, 61)}-2. If it replaces the other key, remove that one first: knockgated client remove ${name}`,
    exit: ExitCode.inUse,
  });
}
