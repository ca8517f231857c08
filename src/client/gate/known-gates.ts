import type { GateEnrolment } from '../../spa/enrolment.ts';
import { formatKey } from '../../spa/keys.ts';
import { foundAt } from './host.ts';
import { gateKeyKnown } from './known-gates-problems.ts';

/** Gate that this device knows or is about to know, and where it knocks. */
export interface KnownGate {
  readonly name: string;
  readonly gate: GateEnrolment;
  /** Address to knock at instead of the gate's own addresses. */
  readonly address: string | undefined;
}

/**
 * Refuses a line whose key belongs to a gate that is known at other addresses. A key belongs to one gate: a server that gives out
 * another gate's key with its own address gets knocks that it can forward, and so gets in there. The host's own address counts like
 * those of the line: knocks go there.
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
 * Does the same for lines that are added together: each is compared with the known gates, and with the lines before it.
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

/** Gates of all other hosts. */
export function othersThan(name: string, known: Iterable<KnownGate>): KnownGate[] {
  return [...known].filter((other) => other.name !== name);
}

function placesOf(known: KnownGate): Set<string> {
  return new Set(foundAt(known).map((place) => place.toLowerCase()));
}
