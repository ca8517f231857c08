import { parse, TomlError } from 'smol-toml';
import {
  exactly,
  listOf,
  mapOf,
  matching,
  object,
  type Reader,
  readValue,
  whole,
  withDefaults,
  yesOrNo,
} from '../closed-json.ts';
import { FIELDS, type Rule } from '../documents.ts';
import { FleetFault } from '../fault.ts';

/*
 * The policy that people write: who belongs to which team, and which team gets in where.
 */

export interface PolicyDevice {
  readonly key: string;
  /** Last day of its rights, such as `2027-12-31`, in UTC. */
  readonly until: string;
}

export interface PolicyGate {
  readonly key: string;
  readonly group: string;
}

export interface PolicyRule extends Rule {
  readonly gates: readonly string[];
}

/** Access that the owner expects, or expects not to be there. */
export interface PolicyTest {
  /** `person/device` */
  readonly device: string;
  readonly gate: string;
  readonly opens: boolean;
}

export interface Policy {
  /** Secret that makes the hashes of documents unguessable: 43 characters. */
  readonly seed: string;
  /** Devices by person and name. */
  readonly people: ReadonlyMap<string, ReadonlyMap<string, PolicyDevice>>;
  /** People by team. */
  readonly teams: ReadonlyMap<string, readonly string[]>;
  readonly gates: ReadonlyMap<string, PolicyGate>;
  readonly rules: readonly PolicyRule[];
  readonly breakGlass: readonly string[];
  readonly tests: readonly PolicyTest[];
}

/** Team that holds the break-glass devices of every gate: no other team can have its name. */
export const BREAK_GLASS_TEAM = 'break-glass';

const NAME = 'policy.toml';
const MOST = { devices: 20_000, gates: 10_000, rules: 256, of: 64, tests: 1024 };
const { id, deviceId, idOrNone, knockKey, port, source, hours } = FIELDS;

const date: Reader<string> = (value, at) => {
  const expected = 'a date in quotes such as "2027-12-31"';
  const text = matching(/^\d{4}-\d\d-\d\d$/, expected)(value, at);
  const none = matching(/^(?!)/, expected);
  return isDay(text) ? text : none(text, at);
};

const device = object<PolicyDevice>({ key: knockKey, until: date });

const POLICY = withDefaults(
  { rules: [], tests: [] },
  object<Policy & { format: 1 }>({
    format: exactly<1>(1),
    seed: matching(/^[A-Za-z0-9_-]{43}$/, 'a seed of 43 characters'),
    people: mapOf(id, mapOf(id, device)),
    teams: mapOf(id, listOf(id, MOST.devices)),
    gates: mapOf(id, withDefaults({ group: '' }, object<PolicyGate>({ key: knockKey, group: idOrNone }))),
    rules: listOf(
      withDefaults(
        { ports: [], sources: [], hours: [], longest: 300 },
        object<PolicyRule>({
          team: id,
          gates: listOf(id, MOST.gates, 1),
          ports: listOf(port, MOST.of),
          sources: listOf(source, MOST.of),
          hours: listOf(hours, MOST.of),
          longest: whole(1, 86_400),
        }),
      ),
      MOST.rules,
    ),
    breakGlass: listOf(deviceId, MOST.of, 1),
    tests: listOf(object<PolicyTest>({ device: deviceId, gate: id, opens: yesOrNo }), MOST.tests),
  }),
);

/**
 * Reads a policy.
 * @throws FleetFault `document-invalid` that names the line or the field
 */
export function readPolicy(text: string): Policy {
  const policy = readValue(tablesOf(text), NAME, POLICY);
  needKnown(policy);
  needDistinctKeys(policy);
  return policy;
}

function tablesOf(text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw new FleetFault('document-invalid', NAME, `line ${error.line}: it is not TOML`);
  }
}

/** Whether the calendar has a day: `Date` makes another one of 30 February. */
function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/** Refuses names of nobody: a slip of the pen would leave somebody out silently. */
function needKnown({ people, teams, gates, rules, breakGlass, tests }: Policy): void {
  const need = (isKnown: boolean, field: string, name: string) => {
    if (!isKnown) throw new FleetFault('document-invalid', NAME, `${field}: there is no ${name}`);
  };
  const isDevice = (name: string) => {
    const [person = '', own = ''] = name.split('/');
    return people.get(person)?.has(own) === true;
  };
  if (teams.has(BREAK_GLASS_TEAM))
    throw new FleetFault('document-invalid', NAME, `teams.${BREAK_GLASS_TEAM}: this name is taken`);
  for (const [team, members] of teams)
    for (const person of members) need(people.has(person), `teams.${team}`, `person ${person}`);
  for (const [i, { team, gates: at }] of rules.entries()) {
    need(teams.has(team), `rules[${i}].team`, `team ${team}`);
    for (const gate of at) need(gates.has(gate), `rules[${i}].gates`, `gate ${gate}`);
  }
  for (const name of breakGlass) need(isDevice(name), 'breakGlass', `device ${name}`);
  for (const [i, { device: name, gate }] of tests.entries()) {
    need(isDevice(name), `tests[${i}].device`, `device ${name}`);
    need(gates.has(gate), `tests[${i}].gate`, `gate ${gate}`);
  }
}

function needDistinctKeys({ people, gates }: Policy): void {
  const known = new Map<string, string>();
  const add = (key: string, field: string) => {
    const other = known.get(key);
    if (other !== undefined) throw new FleetFault('document-invalid', NAME, `${field}: it has the key of ${other}`);
    known.set(key, field);
  };
  for (const [person, devices] of people) for (const [name, { key }] of devices) add(key, `people.${person}.${name}`);
  for (const [name, { key }] of gates) add(key, `gates.${name}`);
}
