import { SLOTS } from '../../src/spa/tags.ts';
import { atOnce, type InSlices } from '../in-slices.ts';
import type { Forward } from '../policy/policy.ts';
import { configInvalid } from '../problems.ts';
import { type ConfiguredAction, noteActionFaults, readAction } from './action-config.ts';
import { type ReadAlerts, readAlerts } from './alert-config.ts';
import { type ConfiguredClient, noteDuplicates, readClient } from './client-config.ts';
import { type ConfiguredDecoy, noteDecoyFaults, readDecoy } from './decoy-config.ts';
import { readForwards } from './forward-config.ts';
import { type ConfiguredFwknop, noteFwknopFaults, readFwknop } from './fwknop-config.ts';
import { type GateSettings, readGate } from './gate-settings.ts';
import { Kept, type ReadClient } from './kept.ts';
import type { ConfiguredWindow } from './open-windows.ts';
import { noteSequenceActionFaults } from './sequence-action-config.ts';
import { type ConfiguredSequence, noteSequenceFaults, readSequence } from './sequence-config.ts';
import { readTables, TomlErrors, type TomlTable, tablesOf } from './toml-table.ts';
import { readWindow } from './window-config.ts';

/** All of gate.toml(5). */
export interface GateConfig extends ReadAlerts {
  readonly actions: readonly ConfiguredAction[];
  readonly forwards: readonly Forward[];
  readonly fwknop: readonly ConfiguredFwknop[];
  readonly gate: GateSettings;
  readonly clients: readonly ConfiguredClient[];
  readonly decoys: readonly ConfiguredDecoy[];
  readonly sequences: readonly ConfiguredSequence[];
  readonly windows: readonly ConfiguredWindow[];
}

/** From this number of clients on, a gate must use the smallest number of slots: tags take kernel memory. */
const MANY_CLIENTS = 500;
/** A table begins with the first bracket of a line. */
const BEFORE_TABLE = '\n[';
const CLIENT_HEADER = '[client]]';
/** An indented header, or a text of several lines, in which a header is none. */
const MORE_THAN_ONE_TABLE = /^[^\S\r\n]*\[|"""|'''/m;

/**
 * Reads gate.toml, strictly.
 * @param file name used in errors
 * @param kept clients whose tables are as they were before are not read again
 * @throws Problem `config-invalid` that lists every error with its line
 */
export function parseGateConfig(text: string, file: string, kept = new Kept()): GateConfig {
  return atOnce(readGateConfig(text, file, kept));
}

/** As `parseGateConfig`, in slices. */
export function* readGateConfig(text: string, file: string, kept: Kept): InSlices<GateConfig> {
  const errors = new TomlErrors(file);
  const [start = '', ...parts] = text.split(BEFORE_TABLE);
  // Searching thousands of texts takes longer than looking them up.
  const same = parts.map((part) => kept.read.get(part));
  const isBeside = (part: string, i: number): boolean => same[i] === undefined && !isOneClient(part);
  const beside = [start, ...parts.filter(isBeside)].join(BEFORE_TABLE);
  const found = yield* readParts(start, parts, kept.read.isBeside(beside) ? same : [], errors);
  const tables = found.flatMap((each) => each.tables);
  const gate = readGate(tables, errors);
  const forwards = readForwards(tables, errors);
  const alerts = readAlerts(tables, file);
  const clients: ConfiguredClient[] = [];
  const [present, fresh]: [ReadClient[], ReadClient[]] = [[], []];
  errors.placeKnown(found);
  const others: Others = { sequences: [], fwknop: [], windows: [], actions: [], decoys: [] };
  for (const each of found) {
    if (each.known !== undefined) {
      clients.push(each.known);
      present.push(each);
      continue;
    }
    const { part, line, lines, tables: ofPart } = each;
    for (const table of ofPart) {
      if (table.name !== 'client' || !table.isArrayElement) {
        readOther(table, gate, forwards, others, errors);
        continue;
      }
      const errorsBefore = errors.found.length;
      const client = readClient(table, gate, forwards, errors);
      clients.push(client);
      errors.place(client, table.line);
      const isAlone = ofPart.length === 1 && isOneClient(part);
      if (isAlone && errors.found.length === errorsBefore)
        fresh.push({ part, known: client, line, lines, tables: [], reading: undefined });
      yield;
    }
  }
  const { sequences, fwknop, windows, actions, decoys } = others;
  noteDuplicates(clients, errors);
  noteSequenceFaults(gate, clients, sequences, errors);
  noteFwknopFaults(gate, clients, fwknop, errors);
  noteActionFaults(actions, [...clients, ...fwknop], errors);
  noteDecoyFaults({ gate, clients: [...clients, ...fwknop], sequences, windows, forwards }, decoys, errors);
  noteSequenceActionFaults({ gate, clients, fwknop, sequences, actions }, errors);
  if (clients.length >= MANY_CLIENTS && gate.slots > SLOTS.least)
    errors.add(1, `with ${clients.length} clients slots must be ${SLOTS.least}: from ${MANY_CLIENTS} clients on`);
  if (errors.found.length > 0) throw configInvalid([...errors.found, ...alerts.alertFaults]);
  kept.read.keep(beside, [...present, ...fresh], fresh);
  return { gate, clients, sequences, fwknop, windows, actions, decoys, forwards, ...alerts };
}

/** A part of the text that was read: a table, or what comes before the first one. */
interface ReadPart {
  /** Text behind its first bracket. */
  readonly part: string;
  readonly line: number;
  readonly lines: number;
  readonly known?: undefined;
  readonly tables: readonly TomlTable[];
}

/**
 * Reads the parts of a text one by one, and so without those that are known. A part that is not TOML by itself may end within a value
 * of several lines: what follows it is then read as a whole. A part that is TOML by itself says the same within the text, where it
 * follows others that are; what TOML says of two tables of one name, the readers of tables say.
 */
function* readParts(
  start: string,
  parts: readonly string[],
  known: readonly (ReadClient | undefined)[],
  errors: TomlErrors,
): InSlices<(ReadPart | ReadClient)[]> {
  const found: (ReadPart | ReadClient)[] = [];
  const reading = {};
  let line = 1;
  for (let i = 0; i <= parts.length; i++) {
    const same = known[i - 1];
    let lines: number;
    // Of two that are the same, each has its own errors.
    if (same !== undefined && same.reading !== reading) {
      lines = same.lines;
      same.line = line;
      same.reading = reading;
      found.push(same);
    } else {
      const part = parts[i - 1] ?? start;
      lines = linesOf(part);
      const bracket = i === 0 ? '' : '[';
      const lineEnd = i < parts.length ? '\n' : '';
      const tables = tablesOf(`${bracket}${part}${lineEnd}`, errors, line);
      if (tables === undefined) {
        const rest = `${bracket}${[part, ...parts.slice(i)].join(BEFORE_TABLE)}`;
        found.push({ part: rest, line, lines: linesOf(rest), tables: readTables(rest, errors, line) });
        break;
      }
      found.push({ part, line, lines, tables });
      yield;
    }
    line += lines;
  }
  return found;
}

/** Whether a part is the table of a client and nothing else. A part that is more may hold [gate] or a [[forward]], on which all clients depend. */
function isOneClient(part: string): boolean {
  return part.startsWith(CLIENT_HEADER) && !MORE_THAN_ONE_TABLE.test(part.slice(CLIENT_HEADER.length));
}

function linesOf(part: string): number {
  return part.split('\n').length;
}

/** Tables that are not about clients of our own message. */
interface Others {
  readonly sequences: ConfiguredSequence[];
  readonly fwknop: ConfiguredFwknop[];
  readonly windows: ConfiguredWindow[];
  readonly actions: ConfiguredAction[];
  readonly decoys: ConfiguredDecoy[];
}

function readOther(
  table: TomlTable,
  gate: GateSettings,
  forwards: readonly Forward[],
  { sequences, fwknop, windows, actions, decoys }: Others,
  errors: TomlErrors,
): void {
  const { name, line, isArrayElement } = table;
  if (name === 'gate' || name === 'alert' || (name === 'forward' && isArrayElement)) return;
  if (name === 'sequence' && isArrayElement) sequences.push(readSequence(table, gate, errors));
  else if (name === 'fwknop' && isArrayElement) {
    const stanza = readFwknop(table, gate, forwards, errors);
    errors.place(stanza, line);
    fwknop.push(stanza);
  } else if (name === 'always_open' && isArrayElement) windows.push(readWindow(table, gate, errors));
  else if (name === 'action' && isArrayElement) actions.push(readAction(table, errors));
  else if (name === 'decoy' && isArrayElement) decoys.push(readDecoy(table, errors));
  else if (['client', 'sequence', 'fwknop', 'always_open', 'action', 'decoy', 'forward'].includes(name))
    errors.add(line, `write [[${name}]], with two brackets: there can be many`);
  else
    errors.add(
      line,
      `unknown table [${name}]; known are [gate], [[client]], [[sequence]], [[fwknop]], [[always_open]], [[action]], [[alert]], [[decoy]] and [[forward]]`,
    );
}
