import type { CryptoProvider } from '../../spa/crypto.ts';
import { isLowOrder } from '../../spa/keys.ts';
import { type KnownGate, refuseKnownKeys } from '../gate/known-gates.ts';
import type { ExportedHost } from '../keys/exported-key.ts';
import { gateKeyUnusable } from '../problems.ts';

/** Hosts that a person already has, of every kind. */
export interface PresentHosts {
  readonly names: Iterable<string>;
  readonly gates: Iterable<KnownGate>;
}

/**
 * Lists the hosts of an exported key that a person does not have yet. Names that differ only in capitals are the same.
 * @throws Problem `gate-key-unusable` when anybody could use the key of one, `gate-key-known` when it is that of another host; then
 * nothing of the file may be imported
 */
export function importableHosts(
  hosts: ReadonlyMap<string, ExportedHost>,
  present: PresentHosts,
  crypto: CryptoProvider,
): [string, ExportedHost][] {
  const names = new Set([...present.names].map((name) => name.toLowerCase()));
  const added = [...hosts].filter(([name]) => !names.has(name.toLowerCase()));
  for (const [name, { gate }] of added) if (isLowOrder(crypto, gate.key)) throw gateKeyUnusable(name);
  refuseKnownKeys(
    added.map(([name, { gate }]) => [name, gate]),
    present.gates,
  );
  return added;
}
