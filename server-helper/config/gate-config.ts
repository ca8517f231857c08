import { isIPv4, type Network, parseNetwork } from '../../src/spa/addresses.ts';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import { parseName } from '../../src/spa/enrolment.ts';
import { formatKey, isLowOrder, parsePublicKey } from '../../src/spa/keys.ts';
import { SLOTS } from '../../src/spa/outer.ts';
import { covers, formatPortRange, type PortRange, parsePortRange } from '../../src/spa/ports.ts';
import { badText } from '../../src/spa/problem.ts';
import type { ClientPolicy, Forward } from '../policy/policy.ts';
import { configInvalid } from '../problems.ts';
import { type ConfiguredAction, noteActionFaults, readAction, readActions } from './action-config.ts';
import { readForwardNames, readForwards } from './forward-config.ts';
import {
  type ConfiguredFwknop,
  type FwknopSettings,
  noteFwknopFaults,
  readFwknop,
  readFwknopSettings,
} from './fwknop-config.ts';
import { noteSequenceActionFaults } from './sequence-action-config.ts';
import { type ConfiguredSequence, noteSequenceFaults, readSequence } from './sequence-config.ts';
import { absolutePath, readTables, TableReader, TomlErrors, type TomlTable } from './toml-table.ts';
import { type ConfiguredWindow, readWindow } from './window-config.ts';

/** `[gate]` of gate.toml(5). Times in seconds. */
export interface GateSettings {
  readonly ports: readonly PortRange[];
  readonly knockPorts: readonly number[];
  readonly slots: number;
  readonly grant: number;
  readonly longestGrant: number;
  readonly clockTolerance: number;
  /** How many refusals of one client and one reason are written down one by one in a minute. */
  readonly refusalsLogged: number;
  readonly trustedInterfaces: readonly string[];
  readonly trustedNetworks: readonly Network[];
  readonly ipv6Prefix: number;
  readonly echo: 'answer' | 'drop';
  readonly daemonDead: 'closed' | 'open';
  readonly daemonDeadAfter: number;
  readonly nflogGroup: number;
  readonly capture: 'nflog' | 'socket';
  readonly fwknop: FwknopSettings;
}

/** A client of gate.toml: what policy needs, and how it is known. */
export interface ConfiguredClient extends ClientPolicy {
  readonly key: Uint8Array;
  readonly pskFile: string | undefined;
  /** Where the key of its one-time sequences is; undefined when it may not use any. */
  readonly sequenceKeyFile: string | undefined;
  /** Which of its actions they have run; undefined: none. */
  readonly sequenceAction: string | undefined;
  /** Line of its `[[client]]`. */
  readonly line: number;
}

export interface GateConfig {
  readonly actions: readonly ConfiguredAction[];
  readonly forwards: readonly Forward[];
  readonly fwknop: readonly ConfiguredFwknop[];
  readonly gate: GateSettings;
  readonly clients: readonly ConfiguredClient[];
  readonly sequences: readonly ConfiguredSequence[];
  readonly windows: readonly ConfiguredWindow[];
}

/** From this number of clients on, only the least number of slots is allowed: tags are kept in kernel memory. */
const MANY_CLIENTS = 500;
const LONGEST_GRANT = 65_535;
/** Two heartbeats at least, and a day at most. */
const DEAD_AFTER = { least: 10, usual: 900, most: 86_400 };

/**
 * Reads gate.toml, strictly.
 * @param file name used in errors
 * @throws Problem `config-invalid` that lists every error with its line
 */
export function parseGateConfig(text: string, file: string): GateConfig {
  const errors = new TomlErrors(file);
  const tables = readTables(text, errors);
  const gate = readGate(tables, errors);
  const forwards = readForwards(tables, errors);
  const clients: ConfiguredClient[] = [];
  const sequences: ConfiguredSequence[] = [];
  const fwknop: ConfiguredFwknop[] = [];
  const windows: ConfiguredWindow[] = [];
  const actions: ConfiguredAction[] = [];
  for (const table of tables) {
    if (table.name === 'gate' || (table.name === 'forward' && table.isArrayElement)) continue;
    if (table.name === 'client' && table.isArrayElement) clients.push(readClient(table, gate, forwards, errors));
    else if (table.name === 'sequence' && table.isArrayElement) sequences.push(readSequence(table, gate, errors));
    else if (table.name === 'fwknop' && table.isArrayElement) fwknop.push(readFwknop(table, gate, forwards, errors));
    else if (table.name === 'always_open' && table.isArrayElement) windows.push(readWindow(table, gate, errors));
    else if (table.name === 'action' && table.isArrayElement) actions.push(readAction(table, errors));
    else if (['client', 'sequence', 'fwknop', 'always_open', 'action', 'forward'].includes(table.name))
      errors.add(table.line, `write [[${table.name}]], with two brackets: there can be many`);
    else
      errors.add(
        table.line,
        `unknown table [${table.name}]; known are [gate], [[client]], [[sequence]], [[fwknop]], [[always_open]], [[action]] and [[forward]]`,
      );
  }
  noteDoubles(clients, errors);
  noteSequenceFaults(gate, clients, sequences, errors);
  noteFwknopFaults(gate, clients, fwknop, errors);
  noteActionFaults(actions, [...clients, ...fwknop], errors);
  noteSequenceActionFaults({ gate, clients, fwknop, sequences, actions }, errors);
  if (clients.length >= MANY_CLIENTS && gate.slots > SLOTS.least)
    errors.add(1, `with ${clients.length} clients slots must be ${SLOTS.least}: from ${MANY_CLIENTS} clients on`);
  if (errors.found.length > 0) throw configInvalid(errors.found);
  return { gate, clients, sequences, fwknop, windows, actions, forwards };
}

function readGate(tables: readonly TomlTable[], errors: TomlErrors): GateSettings {
  const found = tables.filter((table) => table.name === 'gate');
  const table = found[0] ?? { name: 'gate', line: 1, lastLine: 1, isArrayElement: false, entries: new Map() };
  if (found.length !== 1 || table.isArrayElement) errors.add(table.line, 'there must be one table [gate]');
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
  reader.finish();
  return settings;
}

function readClient(
  table: TomlTable,
  gate: GateSettings,
  forwards: readonly Forward[],
  errors: TomlErrors,
): ConfiguredClient {
  const reader = new TableReader(table, errors);
  const name = reader.text('name', parseName, '');
  const client: ConfiguredClient = {
    name,
    key: reader.text('key', parsePublicKey, new Uint8Array(0)),
    pskFile: reader.text('psk_file', absolutePath, undefined),
    sequenceKeyFile: reader.text('sequence_key_file', absolutePath, undefined),
    sequenceAction: reader.text('sequence_action', parseName, undefined),
    ports: reader.texts('ports', parsePortRange, gate.ports),
    sources: reader.texts('sources', parseNetwork, []),
    notBefore: reader.date('not_before'),
    notAfter: reader.date('not_after'),
    longestGrant: reader.number('longest_grant', 1, LONGEST_GRANT, gate.longestGrant),
    actions: readActions(reader),
    forwards: readForwardNames(reader, forwards),
    enabled: reader.truth('enabled', true),
    line: table.line,
  };
  if (!reader.has('name')) reader.fail('name', 'a [[client]] needs a name');
  if (!reader.has('key')) reader.fail('key', `client ${name} needs a key: \`knockgate pubkey\` prints it`);
  if (client.key.length > 0 && isLowOrder(nodeCrypto, client.key))
    reader.fail('key', `the key of ${name} is a low-order point, with which anybody could knock`);
  if (client.longestGrant > gate.longestGrant)
    reader.fail('longest_grant', `longest_grant of ${name} is above the gate's ${gate.longestGrant}`);
  if (client.ports.length === 0) reader.fail('ports', `ports of ${name} is empty: use enabled = false to shut it out`);
  for (const port of client.ports) {
    if (!gate.ports.some((hidden) => covers(hidden, port)))
      reader.fail('ports', `${formatPortRange(port)} of ${name} is not among the ports that the gate hides`);
  }
  if (client.notBefore !== undefined && client.notAfter !== undefined && client.notBefore >= client.notAfter)
    reader.fail('not_after', `not_after of ${name} is not later than its not_before`);
  reader.finish();
  return client;
}

function noteDoubles(clients: readonly ConfiguredClient[], errors: TomlErrors): void {
  const names = new Map<string, number>();
  const keys = new Map<string, string>();
  for (const client of clients) {
    const key = formatKey(client.key);
    const nameLine = names.get(client.name);
    const keyOwner = keys.get(key);
    if (nameLine !== undefined && client.name !== '')
      errors.add(client.line, `the name ${client.name} is taken by the client of line ${nameLine}`);
    else if (keyOwner !== undefined && client.key.length > 0)
      errors.add(client.line, `${client.name} has the same key as ${keyOwner}: every device needs its own`);
    names.set(client.name, client.line);
    keys.set(key, client.name);
  }
}

function parseInterface(text: string, field: string): string {
  // Linux's own rule (IFNAMSIZ), and nothing that nft could read as more than a name.
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$/.test(text)) throw badText(field, text, 'the name of a network interface');
  return text;
}
