import { readFileSync } from 'node:fs';
import { formatPortRange } from '../../src/base/ports.ts';
import { clientsOf, type FleetClient } from '../../src/fleet/clients.ts';
import { isHash, isId } from '../../src/fleet/documents.ts';
import { type Alarm, FleetFault } from '../../src/fleet/fault.ts';
import { type Parcel, parseParcel } from '../../src/fleet/parcel.ts';
import { parcelOf, type TakenSet, type Taker, type Taking, takeSet } from '../../src/fleet/take.ts';
import { nodeVerifier } from '../../src/fleet/verify-node.ts';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import { formatKey } from '../../src/spa/keys.ts';
import { parseActivity } from '../audit/activity-file.ts';
import { parseGateConfig } from '../config/gate-config.ts';
import { machineMark, readGateKey, readPreviousKey } from '../config/keys.ts';
import { readConfigText } from '../config/load.ts';
import { tellDaemon } from '../control/client.ts';
import { exists } from '../firewall/kernel-state.ts';
import { runNft } from '../firewall/nft-once.ts';
import { renderNoTags } from '../firewall/tag-elements.ts';
import type { Paths } from '../paths.ts';
import { notInForce, usage } from '../problems.ts';
import { inOtherFleet, locksOut, notInFleet, setRefused } from './problems.ts';
import { SetInForce } from './source.ts';
import {
  type Anchor,
  readAnchor,
  readNewest,
  readSetText,
  removeFolder,
  setOf,
  writeAnchor,
  writeSet,
} from './state.ts';

/** Result of `fleet apply`. */
export interface Applied {
  readonly head: number;
  readonly root: number;
  readonly clients: number;
  /** Whether a daemon runs, which took the set. */
  readonly reloaded: boolean;
  readonly alarms: readonly Alarm[];
}

/** @throws Problem when the gate is in another fleet */
export function adopt(paths: Paths, org: string, gateId: string): Anchor {
  if (!isHash(org)) throw usage('ORG-HASH is 64 hexadecimal digits: `knockgate fleet status` prints them.');
  if (!isId(gateId)) throw usage('GATE-ID is what the policy calls this gate: lower-case letters, digits and ". _ -".');
  const present = anchorOr(paths, () => undefined);
  if (present !== undefined && (present.org !== org || present.gateId !== gateId)) throw inOtherFleet(present.org);
  writeAnchor(paths, { org, gateId });
  return { org, gateId };
}

/**
 * Takes a parcel as a whole, or refuses it as a whole; revocations count in both cases.
 * @param now unix milliseconds
 * @throws Problem `fleet-…` that names the document, and why it is refused
 */
export async function apply(paths: Paths, text: string, now: number): Promise<Applied> {
  const anchor = anchorOr(paths, (error) => {
    throw notInFleet(error);
  });
  const present = presentSet(paths, anchor, now);
  const offered = parcelIn(text);
  const taker: Taker = { verifier: nodeVerifier, ...anchor, gateKeys: gateKeys(paths), now: Math.floor(now / 1000) };
  let taking = takeSet(taker, present, offered);
  if (present === undefined && taking.set !== undefined) refuseOlder(readNewest(paths), taking.set);
  const isLockOut = taking.isNew && taking.set !== undefined && !letsOwnerIn(paths, taking.set, anchor, now);
  if (isLockOut)
    taking =
      present === undefined
        ? { ...taking, set: undefined }
        : takeSet(taker, present, { ...parcelOf(present), revs: offered.revs });
  const reloaded = await bringIntoForce(paths, present, taking, anchor);
  if (isLockOut) throw locksOut();
  const [refused] = taking.alarms;
  if (taking.set === undefined || taking.isRefused)
    throw setRefused(refused ?? { code: 'document-invalid', document: 'parcel', why: 'it was not taken' });
  const { head, roots } = taking.set;
  const { clients, alarms } = clientsOf(taking.set, anchor.gateId);
  const all = [...taking.alarms, ...alarms];
  return { head: head.number, root: roots.newest.number, clients: clients.length, reloaded, alarms: all };
}

/** Goes back to gate.toml alone. */
export async function leave(paths: Paths): Promise<{ left: boolean; reloaded: boolean }> {
  const anchor = anchorOr(paths, () => undefined);
  const names = anchor === undefined ? [] : namesIn(presentSet(paths, anchor, 0), anchor);
  const left = removeFolder(paths);
  return { left, reloaded: left && (await letGo(paths, names)) };
}

/** State of the fleet at this gate, as `fleet status` prints it. */
export interface FleetStatus {
  readonly org: string;
  readonly gate: string;
  readonly head: number | null;
  readonly root: number | null;
  readonly clients: number;
  readonly revocations: number;
  readonly alarms: readonly string[];
}

/** @throws Problem `not-in-fleet` */
export function statusOf(paths: Paths, now: number): FleetStatus {
  const { org, gateId } = anchorOr(paths, (error) => {
    throw notInFleet(error);
  });
  const { clients, alarms } = listFromDocuments(paths, now);
  let set: TakenSet | undefined;
  try {
    const text = readSetText(paths);
    set = text === undefined ? undefined : setOf(text, { org, gateId }, Math.floor(now / 1000));
  } catch {
    // One of the alarms says why.
  }
  return {
    org,
    gate: gateId,
    head: set?.head.number ?? null,
    root: set?.roots.newest.number ?? null,
    clients: clients.length,
    revocations: set?.revs.length ?? 0,
    alarms,
  };
}

/** Clients from documents, as `client list` shows them. */
export function listFromDocuments(paths: Paths, now: number) {
  const source = new SetInForce(paths, () => now);
  const local = parseGateConfig(readConfigText(paths.config), paths.config);
  const all = source.withClients(local).clients.slice(local.clients.length);
  const clients = all.map(({ name, keyText, ports, enabled }) => ({
    name,
    key: keyText,
    ports: ports.map(formatPortRange),
    enabled,
    origin: 'fleet',
  }));
  return { clients, alarms: source.alarms };
}

function anchorOr<T>(paths: Paths, otherwise: (error: unknown) => T): Anchor | T {
  try {
    return readAnchor(paths);
  } catch (error) {
    return otherwise(error);
  }
}

/** Where the set in force is torn or gone, a note of its numbers still keeps an older one out. */
function refuseOlder(newest: readonly [root: number, head: number] | undefined, { head }: TakenSet): void {
  if (newest === undefined) return;
  const [root, number] = newest;
  if (head.root > root || (head.root === root && head.number >= number)) return;
  const why = `this gate has had head/${number} of root/${root}`;
  throw setRefused({ code: 'head-rolled-back', document: `head/${head.number}`, why });
}

/** A set that is torn counts as none: the whole parcel that is offered mends it. */
function presentSet(paths: Paths, anchor: Anchor, now: number): TakenSet | undefined {
  try {
    const text = readSetText(paths);
    return text === undefined ? undefined : setOf(text, anchor, Math.floor(now / 1000));
  } catch {
    return undefined;
  }
}

function parcelIn(text: string): Parcel {
  try {
    return parseParcel(text);
  } catch (error) {
    if (error instanceof FleetFault) throw setRefused(error.alarm);
    throw error;
  }
}

function gateKeys(paths: Paths): string[] {
  const keys = [readGateKey(paths.key, machineMark()), readPreviousKey(paths.previousKey)?.key];
  return keys.flatMap((key) => (key === undefined ? [] : [formatKey(nodeCrypto.publicKey(key))]));
}

/** Whether somebody is left who is known to get in: a client of gate.toml, or a break-glass device that was here before. */
function letsOwnerIn(paths: Paths, set: TakenSet, { gateId }: Anchor, now: number): boolean {
  const { clients } = parseGateConfig(readConfigText(paths.config), paths.config);
  const isGood = ({ enabled, notBefore = 0, notAfter = Number.POSITIVE_INFINITY }: (typeof clients)[number]) =>
    enabled && notBefore <= now && now < notAfter;
  if (clients.some(isGood)) return true;
  const visitors = visitorsOf(paths);
  const isKnown = ({ name, isBreakGlass }: FleetClient) => isBreakGlass && visitors.has(name);
  return clientsOf(set, gateId).clients.some(isKnown);
}

/** Clients whose knock was good in the last month. */
function visitorsOf({ activity }: Paths): Set<string> {
  try {
    return new Set(parseActivity(readFileSync(activity, 'utf8')).visitors.map(({ client }) => client));
  } catch {
    return new Set();
  }
}

function namesIn(set: TakenSet | undefined, { gateId }: Anchor): string[] {
  return set === undefined ? [] : clientsOf(set, gateId).clients.map(({ name, key }) => `${name} ${key}`);
}

/** @returns whether a daemon runs, which took the change */
async function bringIntoForce(
  paths: Paths,
  present: TakenSet | undefined,
  { set, isNew }: Taking,
  anchor: Anchor,
): Promise<boolean> {
  const isSame = !isNew && set?.revs.length === present?.revs.length;
  if (set === undefined || isSame) return false;
  writeSet(paths, set);
  const after = new Set(namesIn(set, anchor));
  return await letGo(
    paths,
    namesIn(present, anchor).filter((name) => !after.has(name)),
  );
}

/** Ends the grants of those who are out, and tells the daemon to read the set. */
async function letGo(paths: Paths, out: readonly string[]): Promise<boolean> {
  const names = out.map((each) => each.split(' ')[0] ?? '');
  const revoke = async () => {
    for (const whom of names) await tellDaemon(paths.socket, { command: 'revoke', whom });
  };
  await revoke();
  let reloaded = false;
  try {
    reloaded = await tellDaemon(paths.socket, { command: 'reload' });
  } catch (error) {
    throw notInForce(paths.state, error);
  }
  // The kernel opens without a daemon: it must not go on to do so for these.
  if (!reloaded && names.length > 0 && (await exists('tags', 'map'))) await runNft(['-f', '-'], renderNoTags());
  // Somebody may have knocked once more in between.
  if (reloaded) await revoke();
  return reloaded;
}
