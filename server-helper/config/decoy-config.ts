import { covers, type PortRange, parsePortRange, rangeOf } from '../../src/base/ports.ts';
import { badText } from '../../src/base/problem.ts';
import type { Forward } from '../policy/policy.ts';
import type { GateSettings } from './gate-settings.ts';
import type { ConfiguredWindow } from './open-windows.ts';
import type { ConfiguredSequence } from './sequence-config.ts';
import { TableReader, type TomlErrors, type TomlTable } from './toml-table.ts';

/** A `[[decoy]]` of gate.toml: a hidden TCP port that leads strangers to another port of this host. */
export interface ConfiguredDecoy {
  readonly port: number;
  readonly to: number;
  readonly line: number;
}

/** Reads a `[[decoy]]`; what is wrong with it is added to the errors. */
export function readDecoy(table: TomlTable, errors: TomlErrors): ConfiguredDecoy {
  const reader = new TableReader(table, errors);
  const decoy = {
    port: reader.text('port', parseTcpPort, 0),
    to: reader.number('to', 1, 65_535, undefined) ?? 0,
    line: table.line,
  };
  if (!reader.has('port')) reader.fail('port', 'a [[decoy]] needs a hidden port');
  if (!reader.has('to')) reader.fail('to', 'a [[decoy]] needs to: the port of its program');
  reader.finish();
  return decoy;
}

/** Parts of gate.toml that name services. */
interface Naming {
  readonly gate: GateSettings;
  /** `[[client]]` and `[[fwknop]]`. */
  readonly clients: readonly { readonly ports: readonly PortRange[] }[];
  readonly sequences: readonly Pick<ConfiguredSequence, 'ports'>[];
  readonly windows: readonly Pick<ConfiguredWindow, 'ports'>[];
  readonly forwards: readonly Forward[];
}

/** Ports below this one belong to services of the system, such as sshd. */
const FIRST_DECOY = 1024;

/** Notes decoys that could not work, and those that would lead strangers to a service, or hide one that everybody may reach. */
export function noteDecoyFaults(naming: Naming, decoys: readonly ConfiguredDecoy[], errors: TomlErrors): void {
  if (decoys.length === 0) return;
  const { gate } = naming;
  const services = servicesOf(naming);
  const seen = new Map<number, number>();
  for (const { port, to, line } of decoys) {
    // One of them could not be read: there is an error for it already.
    if (port === 0 || to === 0) continue;
    const taken = seen.get(port);
    if (taken !== undefined) errors.add(line, `tcp/${port} leads to the decoy of line ${taken}`);
    seen.set(port, line);
    if (!gate.ports.some((hidden) => covers(hidden, tcp(port))))
      errors.add(line, `tcp/${port} is not among the ports that the gate hides`);
    if (to < FIRST_DECOY)
      errors.add(line, `tcp/${to} may be the port of a service: a decoy listens on a port from ${FIRST_DECOY} on`);
    else if (services.some((service) => covers(service, tcp(to))) || decoys.some((other) => other.port === to))
      errors.add(line, `tcp/${to} is hidden by the gate: it would lead strangers there`);
    if (gate.capture === 'socket')
      errors.add(line, 'with capture = "socket" there can be no [[decoy]]: nobody hears of a visit');
  }
}

function servicesOf({ gate, clients, sequences, windows, forwards }: Naming): PortRange[] {
  const opened = [gate, ...clients, ...windows].flatMap(({ ports }) => ports);
  const led = forwards.flatMap(({ port, to, toPort }) => [port, ...(to === undefined ? [tcp(toPort)] : [])]);
  // A range such as tcp/* hides the decoy's own port too, and names no service.
  const single = [...opened, ...led].filter(({ first, last }) => first === last);
  return [...single, ...sequences.flatMap(({ ports }) => ports.map(rangeOf))];
}

function parseTcpPort(text: string, field: string): number {
  const { protocol, first, last } = parsePortRange(text, field);
  if (protocol !== 'tcp' || first !== last) throw badText(field, text, 'a port such as tcp/22');
  return first;
}

function tcp(port: number): PortRange {
  return { protocol: 'tcp', first: port, last: port };
}
