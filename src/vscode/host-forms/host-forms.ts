import type { HostFields } from '../hosts/write-hosts.ts';
import { FWKNOP_KIND } from './fwknop.ts';
import { GATE_KIND } from './gate.ts';
import type { HostKind } from './host-form.ts';
import { SEQUENCE_KIND } from './sequence.ts';

/** Every kind of host, in the order in which they are offered: one of a new kind is put here. */
export const HOST_KINDS: readonly [HostKind, ...HostKind[]] = [GATE_KIND, FWKNOP_KIND, SEQUENCE_KIND];

/** The kind of a host by its fields, right or wrong: whatever is none of the others is to become a gate. */
export function kindOf(fields: HostFields): HostKind {
  return HOST_KINDS.find(({ kind }) => kind === fields.kind) ?? HOST_KINDS[0];
}
