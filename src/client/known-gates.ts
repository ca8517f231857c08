import type { GateEnrolment } from '../spa/enrolment.ts';
import { formatKey } from '../spa/keys.ts';
import { gateKeyKnown } from './known-gates-problems.ts';

/** A gate that this device knows, and where it knocks there. */
export interface KnownGate {
  /** What the host is called. */
  readonly name: string;
  readonly gate: GateEnrolment;
  /** Where to knock rather than at the gate's own addresses. */
  readonly address: string | undefined;
}

/**
 * Refuses a line whose key belongs to a gate that is known at other addresses. A key belongs to one gate: a server that
 * hands out another gate's key under its own address gets knocks that it can hand on, and be let in there.
 * @param name of the host that is to have the line
 * @param known the gates to compare with: without the one whose line is replaced on purpose
 * @throws Problem `gate-key-known`
 */
export function refuseKnownKey(name: string, gate: GateEnrolment, known: Iterable<KnownGate>): void {
  for (const other of known) {
    if (formatKey(other.gate.key) !== formatKey(gate.key)) continue;
    const places = placesOf(other);
    const strange = gate.addresses.filter((address) => !places.has(address.toLowerCase()));
    if (strange.length > 0) throw gateKeyKnown(name, strange, other.name, [...places]);
  }
}

/**
 * The same for lines that are added together: each is compared with the known gates, and with the lines before it.
 * @throws Problem `gate-key-known`
 */
export function refuseKnownKeys(added: Iterable<readonly [string, GateEnrolment]>, known: Iterable<KnownGate>): void {
  const all = [...known];
  for (const [name, gate] of added) {
    refuseKnownKey(name, gate, othersThan(name, all));
    all.push({ name, gate, address: undefined });
  }
}

/** The gates of all other hosts. */
export function othersThan(name: string, known: Iterable<KnownGate>): KnownGate[] {
  return [...known].filter((other) => other.name !== name);
}

function placesOf({ gate, address }: KnownGate): Set<string> {
  const places = [...gate.addresses, ...(address === undefined ? [] : [address])];
  return new Set(places.map((place) => place.toLowerCase()));
}
