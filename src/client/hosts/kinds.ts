import { fieldsOf } from '../../base/loose-json.ts';
import { phrase } from '../../base/phrase.ts';
import type { Host } from '../gate/host.ts';
import { gateKind } from '../gate/kind.ts';
import { hostsInvalid } from '../problems.ts';
import type { HostsKind } from './host-fields.ts';
import { KINDS } from './registry.ts';
import type { ServerKind } from './server-kind.ts';

/** Host of any kind, which `kind` tells. */
export type AnyHost = ReturnType<(typeof KINDS)[number]['parse']>;

/** Kind of a host's server. A host that names no kind is a gate. */
export function kindOf({ kind }: Pick<AnyHost, 'kind'>): ServerKind<AnyHost> {
  return KINDS.find((each) => each.kind === kind) ?? gateKind;
}

/**
 * Reads one host by its kind, strictly.
 * @param where what its record is called in errors: a path, or the name of the setting
 * @throws Problem `hosts-file-invalid` that names the host and the field
 */
export function parseHost(name: string, value: unknown, where: string, from: HostsKind): AnyHost {
  const { kind = gateKind.kind } = fieldsOf(value);
  const found = KINDS.find((each) => each.kind === kind);
  if (found !== undefined) return found.parse(name, value, `${where}: ${name}`, from);
  const names = KINDS.map((each) => each.kind).join(', ');
  throw hostsInvalid(
    `${where}: ${name}.kind`,
    phrase('This kind of server is unknown.'),
    phrase('Expected {0}.', names),
  );
}

/** The gates among hosts. */
export function gatesOf(hosts: Iterable<AnyHost>): Host[] {
  return [...hosts].filter((host) => host.kind === 'gate');
}
