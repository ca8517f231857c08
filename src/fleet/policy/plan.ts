import { clientsIn, type FleetClient } from '../clients.ts';
import type { CompiledGate, CompiledTeam } from './compile.ts';
import type { PolicyTest } from './read-policy.ts';

/** Documents of a gate, as far as a plan tells of them. */
export interface PlannedGate extends Pick<CompiledGate, 'gate'> {
  readonly teams: readonly Pick<CompiledTeam, 'team'>[];
}

const DAY = 86_400;
/** Days before its end from which on a device is mentioned. */
const WARN_DAYS = 60;

const NOBODY = { people: new Set<string>(), devices: new Set<string>() };

/**
 * Says in words what changes from the documents in force to others: a line for each device and gate. Nothing changes where it says
 * nothing.
 */
export function planInWords(before: readonly PlannedGate[], after: readonly PlannedGate[]): readonly string[] {
  const [was, becomes] = [byId(before), byId(after)];
  const ids = [...new Set([...was.keys(), ...becomes.keys()])].sort();
  return ids.flatMap((id) => gateInWords(id, was.get(id), becomes.get(id)));
}

/** Devices whose rights end within 60 days, or have ended. */
export function endingSoon(gates: readonly PlannedGate[], now: number): readonly string[] {
  const ends = new Map<string, number>();
  for (const gate of gates)
    for (const { name, until } of clientsOfGate(gate).values()) if (until !== undefined) ends.set(name, until);
  return [...ends]
    .filter(([, until]) => until - now < WARN_DAYS * DAY)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, until]) => `${name}: its rights ${until <= now ? 'have ended' : 'end'} with ${lastDay(until)}`);
}

/** Devices whose rules contradict one another, so that a gate follows the first of them alone. */
export function contradictions(gates: readonly PlannedGate[]): readonly string[] {
  return gates.flatMap((gate) =>
    clientsIn(gate, NOBODY).alarms.map(({ document, why }) => `${gate.gate.id}: ${document}: ${why}`),
  );
}

/** Tests of a policy that fail, in words. */
export function failedTests(tests: readonly PolicyTest[], gates: readonly PlannedGate[]): readonly string[] {
  const known = byId(gates);
  return tests.flatMap(({ device, gate, opens }) => {
    const found = known.get(gate);
    const isIn = found !== undefined && clientsOfGate(found).has(device);
    if (isIn === opens) return [];
    return [`${gate}: ${device} ${isIn ? 'would get in' : 'would not get in'}, and a test says otherwise`];
  });
}

function byId(gates: readonly PlannedGate[]): ReadonlyMap<string, PlannedGate> {
  return new Map(gates.map((gate) => [gate.gate.id, gate]));
}

function clientsOfGate(gate: PlannedGate): ReadonlyMap<string, FleetClient> {
  return new Map(clientsIn(gate, NOBODY).clients.map((client) => [client.name, client]));
}

function gateInWords(id: string, was: PlannedGate | undefined, becomes: PlannedGate | undefined): string[] {
  if (becomes === undefined) return [`${id}: leaves the fleet; only local clients and break-glass devices get in`];
  const lines: string[] = [];
  if (was === undefined) lines.push(`${id}: joins the fleet`);
  else if (was.gate.key !== becomes.gate.key) lines.push(`${id}: has another key`);
  if (was !== undefined && was.gate.group !== becomes.gate.group)
    lines.push(`${id}: its group is ${becomes.gate.group === '' ? 'none' : becomes.gate.group} now`);
  const [old, now] = [was === undefined ? new Map<string, FleetClient>() : clientsOfGate(was), clientsOfGate(becomes)];
  for (const name of [...new Set([...old.keys(), ...now.keys()])].sort()) {
    const line = clientInWords(name, old.get(name), now.get(name));
    if (line !== undefined) lines.push(`${id}: ${line}`);
  }
  return lines;
}

function clientInWords(name: string, was: FleetClient | undefined, now: FleetClient | undefined): string | undefined {
  if (now === undefined) return `${name} no longer gets in`;
  const rights = rightsInWords(now);
  if (was === undefined) return `${name} gets in: ${rights}`;
  const before = rightsInWords(was);
  const key = was.key === now.key ? '' : ', with another key';
  if (before === rights) return key === '' ? undefined : `${name} has another key`;
  return `${name} gets in differently${key}: ${rights} (before: ${before})`;
}

function rightsInWords({ ports, sources, hours, longest, until, isBreakGlass }: FleetClient): string {
  const parts = [
    ports.length === 0 ? 'all hidden ports' : ports.join(' '),
    sources.length === 0 ? 'from anywhere' : `from ${sources.join(' ')}`,
    hours.length === 0 ? 'at any hour' : `${hours.join(' and ')} UTC`,
    `at most ${longest} s`,
    until === undefined ? 'without an end' : `until ${lastDay(until)}`,
  ];
  return `${isBreakGlass ? 'break-glass, ' : ''}${parts.join(', ')}`;
}

/** Last day before a time, in UTC. */
function lastDay(until: number): string {
  return new Date((until - 1) * 1000).toISOString().slice(0, 10);
}
