import { toBase64Url, utf8 } from '../../base/bytes.ts';
import { lengthOf, writeClosed } from '../closed-json.ts';
import {
  type Device,
  FORMAT,
  type Folded,
  type GateDocument,
  type Head,
  type Pointer,
  readGateDocument,
  readHead,
  readTeam,
  type Team,
} from '../documents.ts';
import { listsOf } from '../list.ts';
import { textHash } from '../text-hash.ts';
import { BREAK_GLASS_TEAM, type Policy } from './read-policy.ts';

/** Version of the rules by which a policy becomes documents: people who sign compile with the same one. */
const COMPILER = '1';

const DAY = 86_400;

/** Functions that a compiler needs. */
export interface Hashing {
  readonly sha256: (data: Uint8Array) => Uint8Array;
  /** HMAC with SHA-256. */
  readonly hmac: (key: Uint8Array, data: Uint8Array) => Uint8Array;
}

export interface CompiledTeam {
  readonly text: string;
  readonly team: Team;
}

/** Documents of one gate. */
export interface CompiledGate {
  readonly text: string;
  readonly gate: GateDocument;
  readonly teams: readonly CompiledTeam[];
}

export interface Compiled {
  /** Sorted by id. */
  readonly gates: readonly CompiledGate[];
  /** The list, or its parts. */
  readonly lists: readonly string[];
}

/**
 * Compiles a policy into the documents of every gate. The same policy gives the same bytes.
 * @param org hash of root/1
 * @throws FleetFault `document-too-long` when a gate or a team is too large
 */
export function compile(policy: Policy, org: string, hashing: Hashing): Compiled {
  const saltFor = (what: string): string =>
    toBase64Url(hashing.hmac(utf8(policy.seed), utf8(`salt ${what}`)).subarray(0, 16));
  const teamOf = (id: string, devices: readonly Device[]): CompiledTeam => {
    const sorted = [...devices].sort((a, b) => byText(nameOf(a), nameOf(b)));
    const text = writeClosed({ format: FORMAT, type: 'team', org, id, salt: saltFor(`team ${id}`), devices: sorted });
    return { text, team: readTeam(text, `team/${id}`) };
  };
  const breakGlass = [...new Set(policy.breakGlass)].sort(byText);
  const all = [...policy.people.keys()].flatMap((person) => devicesOf(policy, person));
  const keptIn = teamOf(
    BREAK_GLASS_TEAM,
    all.filter((device) => breakGlass.includes(nameOf(device))),
  );
  const teams = new Map(
    [...policy.teams].map(([id, people]) => [
      id,
      teamOf(
        id,
        [...new Set(people)].flatMap((person) => devicesOf(policy, person)),
      ),
    ]),
  );
  const gates = [...policy.gates.keys()].sort(byText).map((id): CompiledGate => {
    const rules = policy.rules.filter((rule) => rule.gates.includes(id));
    const named = [...new Set(rules.map(({ team }) => team))].flatMap((team) => teams.get(team) ?? []);
    const own = [...named, keptIn].sort((a, b) => byText(a.team.id, b.team.id));
    const { key = '', group = '' } = policy.gates.get(id) ?? {};
    const text = writeClosed({
      format: FORMAT,
      type: 'gate',
      org,
      id,
      key,
      salt: saltFor(`gate ${id}`),
      teams: own.map((each) => ({ id: each.team.id, ...pointerTo(each.text, hashing) })),
      rules: rules.map(({ team, ports, sources, hours, longest }) => ({ team, ports, sources, hours, longest })),
      breakGlass,
      group,
    });
    return { text, gate: readGateDocument(text, `gate/${id}`), teams: own };
  });
  const listed = gates.map(({ text, gate }) => ({ ...pointerTo(text, hashing), id: gate.id }));
  return { gates, lists: listsOf(listed, hashing.sha256) };
}

/** Numbers and times of a head. */
export interface HeadFacts extends Pick<Head, 'org' | 'number' | 'issued' | 'expires' | 'root'> {
  readonly policyText: string;
  readonly folded: readonly Folded[];
}

/** Text of the head of what was compiled. */
export function headFor({ lists }: Compiled, facts: HeadFacts, hashing: Hashing): string {
  const { org, number, issued, expires, root, policyText, folded } = facts;
  const text = writeClosed({
    format: FORMAT,
    type: 'head',
    org,
    number,
    issued,
    expires,
    root,
    lists: lists.map((list) => pointerTo(list, hashing)),
    policy: pointerTo(policyText, hashing).hash,
    compiler: COMPILER,
    folded: [...folded].sort((a, b) => byText(a.key, b.key)),
  });
  readHead(text);
  return text;
}

function devicesOf({ people }: Policy, person: string): Device[] {
  return [...(people.get(person) ?? [])].map(([device, { key, until }]) => {
    // Rights last through their last day.
    return { key, person, device, until: Date.parse(`${until}T00:00:00Z`) / 1000 + DAY };
  });
}

function pointerTo(text: string, { sha256 }: Hashing): Pointer {
  return { hash: textHash(text, sha256), length: lengthOf(text) };
}

const nameOf = ({ person, device }: Device): string => `${person}/${device}`;

/** Order of the documents: by UTF-16 units, whatever the language of the system. */
function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
