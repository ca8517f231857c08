import { readGates } from '../../client/hosts/hosts-file.ts';
import { readTextFile } from '../../client/read-text-file.ts';
import { usageProblem } from '../../command-table/problems.ts';
import type { Arguments } from '../../command-table/read-line.ts';
import { hostsPath } from '../paths.ts';
import type { Shell } from '../shell.ts';
import { distinct, parseHostsList } from './hosts-list.ts';

/** The hosts that a command is for. */
export interface WantedHosts {
  /** As they were named: what one gives to ssh. No host occurs twice. */
  readonly names: readonly string[];
  /** Whether one host was named and nothing else: then the command does what it says of that one, without a table. */
  readonly single: boolean;
}

/**
 * The hosts of `HOST,HOST…`, of a file, or all gates of the hosts file.
 * @param named what stands for HOST; undefined where --all or --hosts is there
 * @throws Problem `usage`; those of reading the files
 */
export function wantedHosts(command: string, named: string | undefined, args: Arguments, shell: Shell): WantedHosts {
  const file = args.value('hosts');
  const ways = [named !== undefined, file !== undefined, args.flag('all')].filter(Boolean).length;
  if (ways !== 1)
    throw usageProblem(
      `knockgate ${command}: ${ways === 0 ? 'a host is missing.' : 'hosts are named in more than one way.'}`,
      'Give one of: HOST,HOST…   --hosts FILE   --all',
    );
  if (file !== undefined) return { names: parseHostsList(readTextFile(file), file), single: false };
  if (named !== undefined) {
    const names = named.split(',').map((name) => name.trim());
    if (names.includes('')) throw usageProblem(`${JSON.stringify(named)} has an empty name.`, 'Try: web1,web2');
    return { names: distinct(names, 'HOST'), single: names.length === 1 };
  }
  const path = hostsPath(shell);
  const all = [...readGates(path).keys()];
  if (all.length === 0) throw usageProblem(`There is no gate in ${path}.`, 'Try: knockgate deploy HOST');
  return { names: all, single: false };
}

const USUAL_PARALLEL = 8;
const MOST_PARALLEL = 64;

/**
 * How many hosts are worked on at the same time: `--parallel`.
 * @throws Problem `usage`
 */
export function parallelOf(args: Arguments): number {
  const text = args.value('parallel');
  if (text === undefined) return USUAL_PARALLEL;
  const count = /^[0-9]{1,2}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > MOST_PARALLEL)
    throw usageProblem(`--parallel: ${JSON.stringify(text)} is invalid.`, `Expected 1 to ${MOST_PARALLEL}.`);
  return count;
}
