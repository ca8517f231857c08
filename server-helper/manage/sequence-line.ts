import { formatSequenceLine } from '../../src/sequence/line.ts';
import { parseHost, parseName } from '../../src/spa/enrolment.ts';
import { parseGateConfig } from '../config/gate-config.ts';
import { readConfigText } from '../config/load.ts';
import type { Paths } from '../paths.ts';
import { usage } from '../problems.ts';
import { ownAddresses } from './key.ts';
import { sequenceOpensNothing, sequenceUnknown } from './sequence-problems.ts';

/** Line of a `[[sequence]]` for a client, which then sends exactly its packets. It is as secret as the sequence. */
export function sequenceLine(
  paths: Paths,
  name: string,
  options: { readonly address: string | undefined; readonly name: string | undefined },
): { line: string } {
  const { sequences } = parseGateConfig(readConfigText(paths.config), paths.config);
  const found = sequences.find((sequence) => sequence.name === name);
  if (found === undefined)
    throw sequenceUnknown(
      name,
      sequences.map((sequence) => sequence.name),
    );
  if (found.ports.length === 0) throw sequenceOpensNothing(name);
  const [address] = options.address === undefined ? ownAddresses() : [parseHost(options.address)];
  if (address === undefined) throw usage('This machine has no address of its own to offer: name one with --address.');
  const { steps, ports } = found;
  return { line: formatSequenceLine({ address, steps, ports, name: parseName(options.name ?? name) }) };
}
