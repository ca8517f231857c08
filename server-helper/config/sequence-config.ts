import { type Network, parseNetwork } from '../../src/base/addresses.ts';
import type { RequestedPort } from '../../src/base/ports.ts';
import { covers, formatPort, type PortRange, parsePort, rangeOf } from '../../src/base/ports.ts';
import { ONE_TIME_PORTS } from '../../src/sequence/one-time.ts';
import { canBeBoth, formatPacket, formatStep, parseStep, type SequenceStep } from '../../src/sequence/step.ts';
import { faultOfSteps } from '../../src/sequence/steps.ts';
import { parseName } from '../../src/spa/enrolment.ts';
import type { ConfiguredClient } from './client-config.ts';
import type { GateSettings } from './gate-settings.ts';
import { TableReader, type TomlErrors, type TomlTable } from './toml-table.ts';

/** A `[[sequence]]` of gate.toml. Times in seconds. */
export interface ConfiguredSequence {
  readonly name: string;
  readonly steps: readonly SequenceStep[];
  readonly stepTimeout: number;
  readonly ports: readonly RequestedPort[];
  readonly grant: number;
  readonly sources: readonly Network[];
  /** Name of the action that it runs; undefined: none. */
  readonly action: string | undefined;
  readonly line: number;
}

/** Reads a `[[sequence]]`; what is wrong with it is added to the errors. */
export function readSequence(table: TomlTable, gate: GateSettings, errors: TomlErrors): ConfiguredSequence {
  const reader = new TableReader(table, errors);
  const sequence: ConfiguredSequence = {
    name: reader.text('name', parseName, ''),
    steps: reader.texts('steps', parseStep, []),
    stepTimeout: reader.number('step_timeout', 1, 60, 5),
    // A sequence with an action opens only the ports that it names itself.
    ports: reader.texts('ports', parsePort, reader.has('action') ? [] : singlePorts(gate.ports)),
    grant: reader.number('grant', 1, gate.longestGrant, gate.grant),
    sources: reader.texts('sources', parseNetwork, []),
    action: reader.text('action', parseName, undefined),
    line: table.line,
  };
  if (!reader.has('name')) reader.fail('name', 'a [[sequence]] needs a name');
  const fault = faultOfSteps(sequence.steps);
  if (fault !== undefined) reader.fail('steps', fault);
  for (const step of sequence.steps) {
    if (step.protocol === 'udp' && gate.knockPorts.includes(step.port))
      reader.fail('steps', `udp/${step.port} is a knock port, which hears nothing but SPA messages`);
    if (step.withinMs === undefined && (step.afterMs ?? 0) >= sequence.stepTimeout * 1000)
      reader.fail('steps', `${formatStep(step)} never counts: step_timeout is over after ${sequence.stepTimeout} s`);
  }
  if (sequence.ports.length === 0 && sequence.action === undefined)
    reader.fail('ports', 'a [[sequence]] opens single ports: write which of those that the gate hides');
  for (const port of sequence.ports) {
    if (!gate.ports.some((hidden) => covers(hidden, rangeOf(port))))
      reader.fail('ports', `${formatPort(port)} is not among the ports that the gate hides`);
  }
  reader.finish();
  return sequence;
}

/** Notes sequences that contradict one another, and settings that one-time sequences cannot work with. */
export function noteSequenceFaults(
  gate: GateSettings,
  clients: readonly ConfiguredClient[],
  sequences: readonly ConfiguredSequence[],
  errors: TomlErrors,
): void {
  for (const [i, sequence] of sequences.entries()) {
    for (const other of sequences.slice(0, i)) {
      if (other.name === sequence.name && sequence.name !== '')
        errors.add(sequence.line, `the name ${sequence.name} is taken by the sequence of line ${other.line}`);
      else {
        const fault = faultOfBoth(sequence, other);
        if (fault !== undefined) errors.add(sequence.line, fault);
      }
    }
  }
  for (const client of clients.filter(({ sequenceKeyFile }) => sequenceKeyFile !== undefined)) {
    const heard = gate.knockPorts.find((port) => port >= ONE_TIME_PORTS.first && port <= ONE_TIME_PORTS.last);
    if (heard !== undefined)
      errors.add(
        errors.lineOf(client),
        `one-time sequences use UDP ports ${ONE_TIME_PORTS.first} to ${ONE_TIME_PORTS.last}, among them the knock port ${heard}`,
      );
    if (singlePorts(client.ports).length === 0)
      errors.add(
        errors.lineOf(client),
        `ports of ${client.name} are ranges only: a one-time sequence opens single ports`,
      );
  }
}

/** The ports that are not ranges. */
export function singlePorts(ports: readonly PortRange[]): readonly RequestedPort[] {
  return ports.filter(({ first, last }) => first === last).map(({ protocol, first }) => ({ protocol, port: first }));
}

/** Reason why a gate cannot follow two sequences at one time; undefined when there is none. */
function faultOfBoth(one: ConfiguredSequence, other: ConfiguredSequence): string | undefined {
  const names = `${one.name} and ${other.name}`;
  if (one.steps.length === 0 || other.steps.length === 0) return undefined;
  for (let i = 0; ; i++) {
    const [step, beside] = [one.steps[i], other.steps[i]];
    if (step === undefined || beside === undefined) return `${names} begin alike: the longer one could never be ended`;
    const isShared = formatPacket(step) === formatPacket(beside);
    if (!isShared && canBeBoth(step, beside))
      return `${names} begin alike, and one packet could be ${formatPacket(step)} and ${formatPacket(beside)}`;
    // The kernel keeps one time for each source on its way.
    if (step.afterMs !== beside.afterMs || step.withinMs !== beside.withinMs)
      return `${names} begin alike: give ${formatStep(step)} and ${formatStep(beside)} the same after= and within=`;
    if (!isShared) return undefined;
  }
}
