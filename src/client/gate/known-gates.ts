import type { GateEnrolment } from '../../spa/enrolment.ts';
import { formatKey } from '../../spa/keys.ts';
import { foundAt } from './host.ts';
import { gateKeyKnown } from './known-gates-problems.ts';

/** A gate that this device knows or is to know, and where it knocks there. */
export interface KnownGate {
  readonly name: string;
  readonly gate: GateEnrolment;
  /** Where to knock rather than at the gate's own addresses. */
  readonly address: string | undefined;
}

/**
 * Refuses a line whose key belongs to a gate that is known at other addresses. A key belongs to one gate: a server that
 * hands out another gate's key under its own address gets knocks that it can hand on, and be let in there. The host's own
 * address counts as much as those of the line: it is where knocks go.
 * @param added the host that is to have the line
 * @param known the gates to compare with: without the one whose line is replaced on purpose
 * @throws Problem `gate-key-known`
 */
export function refuseKnownKey(added: KnownGate, known: Iterable<KnownGate>): void {
  for (const other of known) {
    if (formatKey(other.gate.key) !== formatKey(added.gate.key)) continue;
    const places = placesOf(other);
    const strange = [...placesOf(added)].filter((place) => !places.has(place));
    if (strange.length > 0) throw gateKeyKnown(added.name, strange, other.name, [...places]);
  }
}

/**
 * The same for lines that are added together: each is compared with the known gates, and with the lines before it.
 * @throws Problem `gate-key-known`
 */
export function refuseKnownKeys(added: Iterable<readonly [string, GateEnrolment]>, known: Iterable<KnownGate>): void {
  const all = [...known];
  for (const [name, gate] of added) {
    const host = { name, gate, address: undefined };
    refuseKnownKey(host, othersThan(name, all));
    all.push(host);
  }
}

/** The gates of all other hosts. */
export function othersThan(name: string, known: Iterable<KnownGate>): KnownGate[] {
  return [...known].filter((other) => other.name !== name);
}

function placesOf(known: KnownGate): Set<string> {
  return new Set(foundAt(known).map((place) => place.toLowerCase()));
}
