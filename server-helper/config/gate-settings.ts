import { type Address, isIPv4, isUnicast, type Network, parseAddress, parseNetwork } from '../../src/base/addresses.ts';
import { type PortRange, parsePortRange } from '../../src/base/ports.ts';
import { badText } from '../../src/base/problem.ts';
import { SLOTS } from '../../src/spa/tags.ts';
import { TableReader, type TomlErrors, type TomlTable } from './toml-table.ts';

/** `[gate]` of gate.toml(5). Times in seconds. */
export interface GateSettings {
  readonly ports: readonly PortRange[];
  readonly knockPorts: readonly number[];
  readonly slots: number;
  readonly grant: number;
  readonly longestGrant: number;
  readonly clockTolerance: number;
  /** Refusals of one client for one reason that get a line each, per minute. Others are summed up. */
  readonly refusalsLogged: number;
  readonly trustedInterfaces: readonly string[];
  readonly trustedNetworks: readonly Network[];
  readonly ipv6Prefix: number;
  readonly echo: 'answer' | 'drop';
  readonly daemonDead: 'closed' | 'open';
  readonly daemonDeadAfter: number;
  readonly nflogGroup: number;
  readonly capture: 'nflog' | 'socket';
  /** Clients that get in while no daemon is heard. */
  readonly withoutDaemon: 'known' | 'first';
  /** The kernel opens for nobody by itself. */
  readonly strict: boolean;
  /** Kernel memory for tags, in MB. */
  readonly tagMemory: number;
  /** Addresses by which clients reach this gate through NAT; empty when they are unknown. */
  readonly addresses: readonly Address[];
  readonly fwknop: FwknopSettings;
}

/** The keys of `[gate]` that say where packets of fwknop are heard. */
export interface FwknopSettings {
  /** UDP port for them alone; undefined: the gate hears none. */
  readonly port: number | undefined;
  /** Packets a second. */
  readonly rate: number;
  readonly nflogGroup: number;
}

/** Longest grant, in seconds. */
export const LONGEST_GRANT = 65_535;
/** Seconds without a daemon after which the ports are shown: two heartbeats at least, a day at most. */
const DEAD_AFTER = { least: 10, usual: 900, most: 86_400 };
/** Packets of fwknop per second that the kernel passes on to the daemon by default. */
const USUAL_RATE = 100;

/** Reads the one `[gate]`; what is wrong with it is added to the errors. */
export function readGate(tables: readonly TomlTable[], errors: TomlErrors): GateSettings {
  const found = tables.filter((table) => table.name === 'gate');
  const table = found[0] ?? { name: 'gate', line: 1, lastLine: 1, isArrayElement: false, entries: new Map() };
  if (found.length !== 1 || table.isArrayElement)
    errors.add((found[1] ?? table).line, 'there must be one table [gate]');
  const reader = new TableReader(table, errors);
  const settings: GateSettings = {
    ports: reader.texts('ports', parsePortRange, [{ protocol: 'tcp', first: 22, last: 22 }]),
    knockPorts: reader.numbers('knock_ports', 1, 65535, [443, 62201]),
    slots: reader.number('slots', SLOTS.least, SLOTS.most, SLOTS.usual),
    grant: reader.number('grant', 1, LONGEST_GRANT, 30),
    longestGrant: reader.number('longest_grant', 1, LONGEST_GRANT, 300),
    clockTolerance: reader.number('clock_tolerance', 5, 600, 60),
    refusalsLogged: reader.number('refusals_logged', 1, 65535, 10),
    trustedInterfaces: reader.texts('trusted_interfaces', parseInterface, []),
    trustedNetworks: reader.texts('trusted_networks', parseNetwork, []),
    ipv6Prefix: reader.number('ipv6_prefix', 48, 128, 128),
    echo: reader.choice('echo', ['answer', 'drop'], 'answer'),
    daemonDead: reader.choice('daemon_dead', ['closed', 'open'], 'closed'),
    daemonDeadAfter: reader.number('daemon_dead_after', DEAD_AFTER.least, DEAD_AFTER.most, DEAD_AFTER.usual),
    nflogGroup: reader.number('nflog_group', 0, 65535, 62201),
    capture: reader.choice('capture', ['nflog', 'socket'], 'nflog'),
    withoutDaemon: reader.choice('without_daemon', ['known', 'first'], 'known'),
    strict: reader.boolean('strict', false),
    tagMemory: reader.number('tag_memory', 1, 4096, 64),
    addresses: reader.texts('addresses', parseOwnAddress, []),
    fwknop: readFwknopSettings(reader),
  };
  if (settings.ports.length === 0) reader.fail('ports', 'ports is empty: nothing would be hidden');
  if (settings.knockPorts.length === 0) reader.fail('knock_ports', 'knock_ports is empty: nobody could knock');
  if (new Set(settings.knockPorts).size < settings.knockPorts.length) reader.fail('knock_ports', 'a port occurs twice');
  if (settings.trustedNetworks.some(({ address, prefix }) => prefix === (isIPv4(address) ? 96 : 0)))
    reader.fail('trusted_networks', 'trusted_networks holds every address: nothing would be hidden');
  if (settings.grant > settings.longestGrant) reader.fail('grant', 'grant is longer than longest_grant');
  if (reader.has('daemon_dead_after') && settings.daemonDead === 'closed')
    reader.fail('daemon_dead_after', 'daemon_dead_after says something only with daemon_dead = "open"');
  if (settings.strict && settings.withoutDaemon === 'first')
    reader.fail('without_daemon', 'without_daemon = "first" has the kernel open; strict = true forbids that');
  reader.finish();
  return settings;
}

/** Reads the keys of `[gate]` that are about fwknop. */
function readFwknopSettings(reader: TableReader): FwknopSettings {
  return {
    port: reader.number('fwknop_port', 1, 65535, undefined),
    rate: reader.number('fwknop_rate', 1, 10_000, USUAL_RATE),
    nflogGroup: reader.number('fwknop_nflog_group', 0, 65535, 62202),
  };
}

function parseOwnAddress(text: string, field: string): Address {
  const address = parseAddress(text);
  if (address === undefined || !isUnicast(address)) throw badText(field, text, 'an IPv4 or IPv6 address of this gate');
  return address;
}

function parseInterface(text: string, field: string): string {
  // As Linux allows them (IFNAMSIZ), without characters that mean something to nft.
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$/.test(text)) throw badText(field, text, 'the name of a network interface');
  return text;
}
