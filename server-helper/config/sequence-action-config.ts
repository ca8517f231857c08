import type { ConfiguredAction } from './action-config.ts';
import type { ConfiguredClient } from './client-config.ts';
import type { ConfiguredFwknop } from './fwknop-config.ts';
import type { GateSettings } from './gate-settings.ts';
import type { ConfiguredSequence } from './sequence-config.ts';
import type { TomlErrors } from './toml-table.ts';

/** The parts of gate.toml that concern sequences with an action. */
interface WithSequences {
  readonly gate: GateSettings;
  readonly clients: readonly ConfiguredClient[];
  readonly fwknop: readonly ConfiguredFwknop[];
  readonly sequences: readonly ConfiguredSequence[];
  readonly actions: readonly ConfiguredAction[];
}

/** Notes faults of the actions that fixed sequences and clients' one-time sequences run. */
export function noteSequenceActionFaults(
  { gate, clients, fwknop, sequences, actions }: WithSequences,
  errors: TomlErrors,
): void {
  const unheard = 'a bound socket hears of no sequence: with capture = "socket" none can run an action';
  for (const { name, action, line } of sequences) {
    if (action === undefined) continue;
    if (!actions.some((each) => each.name === action))
      errors.add(line, `${name} has ${action} run, and there is no [[action]] of that name`);
    // An action and the audit log identify who asked by this name alone.
    const taken = [...clients, ...fwknop].find((other) => other.name === name);
    if (taken !== undefined)
      errors.add(line, `the name ${name} is taken by the client of line ${errors.lineOf(taken)}`);
    if (gate.capture === 'socket') errors.add(line, unheard);
  }
  for (const client of clients) {
    const { name, sequenceAction, sequenceKeyFile, actions: own } = client;
    if (sequenceAction === undefined) continue;
    const line = errors.lineOf(client);
    if (!own.includes(sequenceAction))
      errors.add(line, `sequence_action of ${name} is not among its actions: ${sequenceAction}`);
    if (sequenceKeyFile === undefined)
      errors.add(line, `sequence_action of ${name} needs a sequence_key_file: without one it has no sequences`);
    if (gate.capture === 'socket') errors.add(line, unheard);
  }
}
