import { closeSync, openSync, readSync } from 'node:fs';
import { counted } from '../../src/base/counted.ts';
import { FLEET_ADOPT, FLEET_APPLY, FLEET_LEAVE, FLEET_STATUS } from '../../src/command-table/gate/fleet.ts';
import { LONGEST_PARCEL } from '../../src/fleet/parcel.ts';
import { systemClock } from '../clock.ts';
import { fileUnreadable, usage } from '../problems.ts';
import type { Command } from './command.ts';

/** Bytes that are read at a time. */
const CHUNK = 65_536;

/** Reads no more than a parcel can have, and one byte: its reader then says that it is too long. */
function readParcel(file: string | undefined): string {
  const chunks: Buffer[] = [];
  let fd = 0;
  try {
    if (file !== undefined) fd = openSync(file, 'r');
    for (let left = LONGEST_PARCEL + 1; left > 0; ) {
      const chunk = Buffer.alloc(Math.min(CHUNK, left));
      const length = readSync(fd, chunk);
      if (length === 0) break;
      chunks.push(chunk.subarray(0, length));
      left -= length;
    }
    return Buffer.concat(chunks).toString('utf8');
  } catch (error) {
    throw fileUnreadable(file ?? 'standard input', error);
  } finally {
    if (fd !== 0) closeSync(fd);
  }
}

/** Subcommands for a gate in a fleet. */
export const FLEET_COMMANDS: readonly Command[] = [
  {
    entry: FLEET_ADOPT,
    run: async ({ paths, args, bundles, show }) => {
      const [org = ''] = args.positionals;
      const as = args.value('as');
      if (as === undefined) throw usage('The form is: knockgated fleet adopt ORG-HASH --as GATE-ID');
      const { gateId } = (await bundles.loadFleetBundle()).adopt(paths, org, as);
      show(
        { org, gate: gateId },
        `This gate is ${gateId} of the fleet ${org}. It takes sets with: knockgated fleet apply`,
      );
    },
  },
  {
    entry: FLEET_APPLY,
    run: async ({ paths, args, bundles, show }) => {
      const [file] = args.positionals;
      const { apply } = await bundles.loadFleetBundle();
      const result = await apply(paths, readParcel(file), systemClock.wall());
      const { head, root, clients, reloaded, alarms } = result;
      const taken = `head/${head} of root/${root} ${reloaded ? 'is in force' : 'counts'}: ${counted(clients, 'client')}.`;
      show(result, [taken, ...alarms.map(({ code, document, why }) => `${code}: ${document}: ${why}`)].join('\n'));
    },
  },
  {
    entry: FLEET_LEAVE,
    run: async ({ paths, bundles, show }) => {
      const result = await (await bundles.loadFleetBundle()).leave(paths);
      show(
        result,
        result.left ? 'Only clients of gate.toml get in now.' : 'This gate is in no fleet. Nothing was changed.',
      );
    },
  },
  {
    entry: FLEET_STATUS,
    run: async ({ paths, bundles, show }) => {
      const status = (await bundles.loadFleetBundle()).statusOf(paths, systemClock.wall());
      const { org, gate, head, root, clients, revocations, alarms } = status;
      const set = head === null ? 'no set yet' : `head/${head} of root/${root ?? 0}`;
      const counts = `${counted(clients, 'client')}, ${counted(revocations, 'revocation')}`;
      show(status, [`${gate} of the fleet ${org}: ${set}, ${counts}.`, ...alarms].join('\n'));
    },
  },
];
