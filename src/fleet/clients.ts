import type { Device, Rule } from './documents.ts';
import type { Alarm } from './fault.ts';
import type { InForce } from './revocations.ts';
import { type OwnPart, revokedIn, type TakenSet, type TeamText } from './take.ts';

/** A device that a set lets in. */
export interface FleetClient {
  /** `person/device` */
  readonly name: string;
  readonly key: string;
  /** As in a rule: none is all hidden ports. */
  readonly ports: readonly string[];
  readonly sources: readonly string[];
  readonly hours: readonly string[];
  readonly longest: number;
  /** Unix seconds; undefined for a break-glass device, which always gets in. */
  readonly until: number | undefined;
  readonly isBreakGlass: boolean;
}

/** Longest grant of break-glass devices that no rule names, in seconds. */
const LONGEST_OF_BREAK_GLASS = 300;

/** Devices that a set lets in at this gate, without what is revoked. The gate's own limits come on top. */
export function clientsOf(
  set: TakenSet,
  gateId: string,
): { clients: readonly FleetClient[]; alarms: readonly Alarm[] } {
  const part = set.own ?? set.last;
  if (part === undefined) return { clients: [], alarms: [] };
  const revoked = revokedIn(set);
  return clientsIn(part, revoked, set.own === undefined || revoked.gates.has(gateId));
}

/**
 * Devices that documents of a gate let in.
 * @param onlyBreakGlass whether the others are shut out
 */
export function clientsIn(
  part: Pick<OwnPart, 'gate'> & { readonly teams: readonly Pick<TeamText, 'team'>[] },
  revoked: Pick<InForce, 'people' | 'devices'>,
  onlyBreakGlass = false,
): { clients: readonly FleetClient[]; alarms: readonly Alarm[] } {
  const alarms: Alarm[] = [];
  const breakGlass = new Set(part.gate.breakGlass);
  const clients: FleetClient[] = [];
  const keys = new Map<string, string>();
  const isFirst = ({ device }: { device: Device }): number =>
    Number(!breakGlass.has(`${device.person}/${device.device}`));
  // Break-glass devices first: nobody can shut one out with a copy of its key.
  const devices = devicesOf(part).sort((a, b) => isFirst(a) - isFirst(b));
  for (const { device, rules } of devices) {
    const name = `${device.person}/${device.device}`;
    const isBreakGlass = breakGlass.has(name);
    const isRevoked = revoked.people.has(device.person) || revoked.devices.has(name);
    if (isRevoked && isBreakGlass)
      alarms.push({ code: 'rev-of-break-glass', document: name, why: 'it stays: only a new head can take it out' });
    if (!isBreakGlass && (isRevoked || onlyBreakGlass)) continue;
    const [rule] = rules;
    if (rule === undefined && !isBreakGlass) continue;
    const other = keys.get(device.key);
    if (other !== undefined) {
      alarms.push({ code: 'device-left-out', document: name, why: `it has the same key as ${other}` });
      continue;
    }
    keys.set(device.key, name);
    if (rules.length > 1 && !isBreakGlass && rules.some((each) => !isAlike(each, rule)))
      alarms.push({
        code: 'device-left-out',
        document: name,
        why: `two rules differ for it: the one of team ${rule?.team ?? ''} counts`,
      });
    clients.push(isBreakGlass ? breakGlassClient(name, device, rules) : ordinaryClient(name, device, rules));
  }
  return { clients, alarms };
}

/** Each device once, with the rules for it, in the order of the rules. */
function devicesOf({ gate, teams }: Parameters<typeof clientsIn>[0]): { device: Device; rules: readonly Rule[] }[] {
  const found = new Map<string, { device: Device; rules: Rule[] }>();
  for (const { team } of teams) {
    const rules = gate.rules.filter((rule) => rule.team === team.id);
    for (const device of team.devices) {
      const name = `${device.person}/${device.device}`;
      const known = found.get(name);
      if (known === undefined) found.set(name, { device, rules: [...rules] });
      else known.rules.push(...rules);
    }
  }
  for (const { rules } of found.values()) rules.sort((a, b) => gate.rules.indexOf(a) - gate.rules.indexOf(b));
  return [...found.values()];
}

function isAlike(a: Rule, b: Rule | undefined): boolean {
  return (
    b !== undefined &&
    JSON.stringify([a.sources, a.hours, a.longest]) === JSON.stringify([b.sources, b.hours, b.longest])
  );
}

/** Ports of all rules that are alike but for them. */
function ordinaryClient(name: string, device: Device, rules: readonly Rule[]): FleetClient {
  const [first] = rules;
  const alike = rules.filter((rule) => isAlike(rule, first));
  const ports = alike.some((rule) => rule.ports.length === 0) ? [] : [...new Set(alike.flatMap((rule) => rule.ports))];
  const { sources = [], hours = [], longest = 0 } = first ?? {};
  return { name, key: device.key, ports, sources, hours, longest, until: device.until, isBreakGlass: false };
}

/** Break-glass devices get in from anywhere, at any hour, to all hidden ports, without an end. */
function breakGlassClient(name: string, { key }: Device, rules: readonly Rule[]): FleetClient {
  const longest = Math.max(LONGEST_OF_BREAK_GLASS, ...rules.map((rule) => rule.longest));
  return { name, key, ports: [], sources: [], hours: [], longest, until: undefined, isBreakGlass: true };
}
