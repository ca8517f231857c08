import { parseGateConfig } from '../../../server-helper/config/gate-config.ts';
import { planOf } from '../../../server-helper/config/plan.ts';
import { numberOf } from '../../../server-helper/config/profiles.ts';
import { openSet, renderGuard } from '../../../server-helper/firewall/spa-rules.ts';
import { REMOVE_TABLE, renderTable } from '../../../server-helper/firewall/table.ts';
import { boundMark } from '../../../server-helper/firewall/tag-marks.ts';
import { formatKey } from '../../../src/spa/keys.ts';

/** Marks a tag as used: as the gate does it, in one step, or in two, as it must not be done. */
export type SpendingRule = 'one-step' | 'two-steps';

/** How the gate's table is made for a test. */
export interface TableOptions {
  readonly withoutDaemon: 'known' | 'first';
  readonly rule: SpendingRule;
  /** Room for used tags. */
  readonly room?: number;
}

const PROFILE = numberOf('tcp/22');
/** Where the kernel notes for which IPv4 addresses it has opened tcp/22. */
export const OPENED4 = openSet(PROFILE, 4);

/** An address-bound tag of the only profile, and one that is not bound. */
export const MARKS = { bound: boundMark(1, PROFILE), ordinary: PROFILE } as const;

const AN_HOUR = 3_600_000;

/** The gate's own table for one client, fresh, opening by itself. */
export function tableOf({ withoutDaemon, rule, room }: TableOptions): string {
  const client = `[[client]]\nname = "alice"\nkey = "${formatKey(new Uint8Array(32).fill(9))}"\n`;
  const settings = `[gate]\nports = ["tcp/22"]\nknock_ports = [62201]\nwithout_daemon = "${withoutDaemon}"\n`;
  const plan = planOf(parseGateConfig(`${settings}${client}`, 'gate.toml'));
  const table = [REMOVE_TABLE, renderTable(plan), renderGuard(Date.now() + AN_HOUR), ''].join('\n');
  return replaced(room === undefined ? table : withRoom(table, room), rule);
}

function withRoom(table: string, room: number): string {
  return changed(table, /(add set inet knockgate spent \{.* size )\d+/, `$1${room}`);
}

function replaced(table: string, rule: SpendingRule): string {
  if (rule === 'one-step') return table;
  const oneStep = /^(add rule inet knockgate open )add @spent \{ @th,64,128 limit rate \S+ burst 1 packets \} (.*)$/m;
  const rules = ['$1@th,64,128 @spent goto ask', '$1add @spent { @th,64,128 }', '$1$2'];
  return changed(table, oneStep, rules.join('\n'));
}

/** @throws when there is nothing to change: the table is made another way by now */
function changed(table: string, from: RegExp, to: string): string {
  if (!from.test(table)) throw new Error(`the gate's table has no ${from}`);
  return table.replace(from, to);
}
