import { fieldsOf, parseJson } from '../../base/loose-json.ts';
import { BOUND_SLOTS, type TagKind, type TagSlot } from '../../spa/tags.ts';
import { type KnownPlace, parseKnownPlaces } from './known-places.ts';
import { parseTold, type ToldAddress } from './told-addresses.ts';

/**
 * The notes of the ledger about one gate. Everything but `version` may be missing; an invalid part counts as missing.
 *
 * ```json
 * {
 *   "version": 1,
 *   "clocks": { "HOST": [-300000, 0] },
 *   "slots": { "CLIENT PUBLIC KEY": { "59842041": [3, 17] } },
 *   "grants": [{ "address": "192.0.2.2", "from": "192.0.2.1", "ports": ["tcp/22"], "until": 1795261230000 }],
 *   "known": { "CLIENT PUBLIC KEY": [{ "place": "192.0.2.1", "atMs": 1795261200000, "doubtedMs": 0 }] },
 *   "told": [{ "local": "192.168.1.5", "address": "198.51.100.7" }]
 * }
 * ```
 *
 * Keys are base64url. No secret is in it.
 */
export interface GateState {
  /**
   * Host's name to corrections in milliseconds, in the order to try: each is what the gate's clock is ahead of ours, and
   * 0 is always one of them. Nothing for a host whose clock needs no correction.
   */
  readonly clocks: Map<string, readonly number[]>;
  /** Client's public key, for bound tags followed by a blank and the place, to epoch to slots used. */
  readonly slots: Map<string, Map<number, Set<number>>>;
  grants: Grant[];
  /** Client's public key to the places from which the gate lets that client in without its daemon. */
  readonly known: Map<string, readonly KnownPlace[]>;
  /** The newest first. */
  told: readonly ToldAddress[];
}

/** Grant that was seen open. */
export interface Grant {
  /** The gate's address that let us through. */
  readonly address: string;
  /** Our own address on the way there: from another network the port is closed. */
  readonly from: string;
  /** Ports that were asked for, such as `tcp/22`; empty for all that the gate allows. */
  readonly ports: readonly string[];
  /** Unix milliseconds by our own clock. */
  readonly until: number;
}

/** Epochs that the ledger remembers: a gate forgets a spent tag after six minutes, and a clock may be set back meanwhile. */
const EPOCHS_KEPT = 20;
/**
 * Longest grant that can be asked for, in milliseconds: one that claims to last longer was noted by a clock that was set back
 * since.
 */
const LONGEST_GRANT_MS = 65_535_000;

/** A message that needs a slot. */
export interface Wanted {
  /** Place of our own address, as text, to which its tag is bound; undefined for an ordinary tag. */
  readonly boundTo: string | undefined;
  /** Whether it is left out when its bound slots are used up; otherwise it gets an ordinary one. */
  readonly isSpare?: boolean;
}

/** Slots are taken from the lowest ones on, at random among so many: a gate that is short of memory has only the low ones. */
const BLOCK = 4;

/**
 * Takes unused slots: of this epoch, or, for ordinary tags, of the next one, which every gate with the usual clock tolerance already
 * accepts.
 * @param slots how many ordinary ones the gate has for each epoch
 * @param randomBelow a random whole number from 0 to `most` - 1
 * @returns the messages with their slots, in the same order; without those for which none is left
 */
export function takeSlots<T extends Wanted>(
  gate: GateState,
  client: string,
  epoch: number,
  slots: number,
  wanted: readonly T[],
  randomBelow: (most: number) => number,
): (T & TagSlot)[] {
  forgetEpochs(gate, epoch);
  const ordinary = { kind: 'ordinary', owner: client, epochs: [epoch, epoch + 1], slots } as const;
  return wanted.flatMap((message) => {
    const { boundTo, isSpare = false } = message;
    const bound = { kind: 'bound', owner: `${client} ${boundTo}`, epochs: [epoch], slots: BOUND_SLOTS } as const;
    const taken =
      (boundTo === undefined ? undefined : takeOne(gate, bound, randomBelow)) ??
      (isSpare ? undefined : takeOne(gate, ordinary, randomBelow));
    return taken === undefined ? [] : [{ ...message, ...taken }];
  });
}

/** The slots from which one is taken. */
interface Supply {
  readonly kind: TagKind;
  /** The client's public key; for bound tags also the place. */
  readonly owner: string;
  readonly epochs: readonly number[];
  /** For each epoch. */
  readonly slots: number;
}

function takeOne(
  gate: GateState,
  { kind, owner, epochs, slots }: Supply,
  randomBelow: (most: number) => number,
): TagSlot | undefined {
  const usedOf = epochsOf(gate, owner);
  for (const epoch of epochs) {
    const used = usedOf.get(epoch) ?? new Set<number>();
    const free = Array.from({ length: slots }, (_, slot) => slot).filter((slot) => !used.has(slot));
    const blockOf = (slot: number) => Math.floor(slot / BLOCK);
    const lowest = free.filter((slot) => blockOf(slot) === blockOf(free[0] ?? 0));
    const slot = lowest[randomBelow(Math.max(1, lowest.length))];
    if (slot === undefined) continue;
    usedOf.set(epoch, used.add(slot));
    return { kind, epoch, slot };
  }
  return undefined;
}

function forgetEpochs(gate: GateState, epoch: number): void {
  for (const [owner, epochs] of gate.slots) {
    for (const old of [...epochs.keys()]) if (Math.abs(old - epoch) > EPOCHS_KEPT) epochs.delete(old);
    if (epochs.size === 0) gate.slots.delete(owner);
  }
}

/** Notes that slots are used which were not taken here. */
export function spendSlots(gate: GateState, client: string, places: readonly TagSlot[]): void {
  const epochs = epochsOf(gate, client);
  for (const { epoch, slot } of places) epochs.set(epoch, new Set([...(epochs.get(epoch) ?? []), slot]));
}

function epochsOf(gate: GateState, client: string): Map<number, Set<number>> {
  const epochs = gate.slots.get(client) ?? new Map<number, Set<number>>();
  gate.slots.set(client, epochs);
  return epochs;
}

/** Adds a grant, replaces an older one for the same, and forgets those that have ended. */
export function addGrant(gate: GateState, grant: Grant, wallMs: number): void {
  const other = gate.grants.filter((old) => !isSameDoor(old, grant));
  gate.grants = [...other, grant].filter(({ until }) => until > wallMs && until <= wallMs + LONGEST_GRANT_MS);
}

function isSameDoor(a: Grant, b: Grant): boolean {
  return a.address === b.address && a.from === b.from && a.ports.join() === b.ports.join();
}

/** Corrections of the clock to try when knocking at a host, in this order; at least one. */
export function clocksOf(gate: GateState, host: string): readonly number[] {
  return gate.clocks.get(host) ?? [0];
}

/**
 * Notes how many milliseconds a host's clock is ahead of ours. Our own time stays the second to try: either clock may be corrected
 * later.
 */
export function learnClock(gate: GateState, host: string, offsetMs: number): void {
  setClocks(gate, host, offsetMs === 0 ? [0] : [offsetMs, 0]);
}

/**
 * Notes the correction that a host has just opened to: it comes first from now on. If our own time came first already, no
 * correction is needed.
 */
export function confirmClock(gate: GateState, host: string, offsetMs: number): void {
  const clocks = clocksOf(gate, host);
  if (offsetMs !== clocks[0]) setClocks(gate, host, [offsetMs, ...clocks.filter((each) => each !== offsetMs)]);
  else if (offsetMs === 0) setClocks(gate, host, [0]);
}

/** @param clocks as in `clocksOf` */
export function setClocks(gate: GateState, host: string, clocks: readonly number[]): void {
  if (clocks.length === 1) gate.clocks.delete(host);
  else gate.clocks.set(host, clocks);
}

/** State of a gate that nothing is known of. */
export function newGate(): GateState {
  return { clocks: new Map(), slots: new Map(), grants: [], known: new Map(), told: [] };
}

export function formatGate({ clocks, slots, grants, known, told }: GateState): string {
  const used = [...slots].map(([client, epochs]) => {
    const numbers = [...epochs].map(([epoch, set]) => [epoch, [...set]]);
    return [client, Object.fromEntries(numbers)];
  });
  const maps = {
    clocks: Object.fromEntries(clocks),
    slots: Object.fromEntries(used),
    known: Object.fromEntries(known),
  };
  return `${JSON.stringify({ version: 1, ...maps, grants, told })}\n`;
}

/** Reads the text that `formatGate` writes. Broken parts are left out: a knock must not fail because of the ledger. */
export function parseGate(text: string): GateState {
  const { version, clocks, slots, grants, known, told } = fieldsOf(parseJson(text));
  if (version !== 1) return newGate();
  return {
    clocks: parseClocks(clocks),
    slots: parseSlots(slots),
    grants: Array.isArray(grants) ? grants.filter(isGrant) : [],
    known: parseKnownPlaces(known),
    told: parseTold(told),
  };
}

/** Reads corrections, at most two for each host: each try takes time, and 0 is one of them. */
function parseClocks(value: unknown): Map<string, readonly number[]> {
  const clocks = new Map<string, readonly number[]>();
  for (const [host, list] of Object.entries(fieldsOf(value))) {
    if (!Array.isArray(list) || list.length !== 2 || !list.every(Number.isSafeInteger)) continue;
    if (list.filter((offsetMs) => offsetMs === 0).length === 1) clocks.set(host, list);
  }
  return clocks;
}

function parseSlots(value: unknown): Map<string, Map<number, Set<number>>> {
  const clients = new Map<string, Map<number, Set<number>>>();
  for (const [client, record] of Object.entries(fieldsOf(value))) {
    const epochs = new Map<number, Set<number>>();
    for (const [epoch, used] of Object.entries(fieldsOf(record)))
      if (/^[0-9]{1,15}$/.test(epoch) && Array.isArray(used)) epochs.set(Number(epoch), new Set(used.filter(isSlot)));
    clients.set(client, epochs);
  }
  return clients;
}

function isSlot(value: unknown): value is number {
  return Number.isInteger(value);
}

function isGrant(value: unknown): value is Grant {
  const { address, from, ports, until } = fieldsOf(value);
  const arePorts = Array.isArray(ports) && ports.every((port) => typeof port === 'string');
  return typeof address === 'string' && typeof from === 'string' && arePorts && Number.isSafeInteger(until);
}
