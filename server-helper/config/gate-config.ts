import { SLOTS } from '../../src/spa/tags.ts';
import type { Forward } from '../policy/policy.ts';
import { configInvalid } from '../problems.ts';
import { type ConfiguredAction, noteActionFaults, readAction } from './action-config.ts';
import { type ConfiguredClient, noteDoubles, readClient } from './client-config.ts';
import { readForwards } from './forward-config.ts';
import { type ConfiguredFwknop, noteFwknopFaults, readFwknop } from './fwknop-config.ts';
import { type GateSettings, readGate } from './gate-settings.ts';
import { noteSequenceActionFaults } from './sequence-action-config.ts';
import { type ConfiguredSequence, noteSequenceFaults, readSequence } from './sequence-config.ts';
import { readTables, TomlErrors } from './toml-table.ts';
import { type ConfiguredWindow, readWindow } from './window-config.ts';

/** All of gate.toml(5). */
export interface GateConfig {
  readonly actions: readonly ConfiguredAction[];
  readonly forwards: readonly Forward[];
  readonly fwknop: readonly ConfiguredFwknop[];
  readonly gate: GateSettings;
  readonly clients: readonly ConfiguredClient[];
  readonly sequences: readonly ConfiguredSequence[];
  readonly windows: readonly ConfiguredWindow[];
}

/** From this number of clients on, a gate must use the smallest number of slots: tags take kernel memory. */
const MANY_CLIENTS = 500;
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
