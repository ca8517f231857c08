import { type Address, formatAddress, isUnicast, parseAddress } from '../../src/base/addresses.ts';
import { type PortRange, parsePortRange } from '../../src/base/ports.ts';
import { badText } from '../../src/base/problem.ts';
import { parseName } from '../../src/spa/enrolment.ts';
import type { Forward } from '../policy/policy.ts';
import { TableReader, type TomlErrors, type TomlTable } from './toml-table.ts';

/** Reads the tables `[[forward]]`; what is wrong with them is added to the errors. */
export function readForwards(tables: readonly TomlTable[], errors: TomlErrors): Forward[] {
  const names = new Map<string, number>();
  return tables
    .filter((table) => table.name === 'forward' && table.isArrayElement)
    .map((table) => {
      const forward = readForward(table, errors);
      const taken = names.get(forward.name);
      if (taken !== undefined && forward.name !== '')
        errors.add(table.line, `the name ${forward.name} is taken by line ${taken}`);
      names.set(forward.name, table.line);
      return forward;
    });
}

/** Reads the `forwards` of a client: names of tables. */
export function readForwardNames(reader: TableReader, forwards: readonly Forward[]): readonly Forward[] {
  return reader.texts(
    'forwards',
    (name, field) => {
      const found = forwards.find((forward) => forward.name === name);
      if (found === undefined) throw badText(field, name, 'the name of a [[forward]]');
      return found;
    },
    [],
  );
}

function readForward(table: TomlTable, errors: TomlErrors): Forward {
  const reader = new TableReader(table, errors);
  const port = reader.text('port', parsePortRange, undefined);
  const to = reader.text('to', unicast, undefined);
  const forward: Forward = {
    name: reader.text('name', parseName, ''),
    port: port ?? NO_PORT,
    to,
    toPort: reader.number('to_port', 1, 65_535, undefined) ?? singlePort(port),
    masquerade: reader.boolean('masquerade', false),
  };
  if (!reader.has('name')) reader.fail('name', 'a [[forward]] needs a name');
  if (!reader.has('port')) reader.fail('port', `forward ${forward.name} needs the port of this host that leads on`);
  if (!reader.has('to') && !reader.has('to_port'))
    reader.fail('to', `forward ${forward.name} needs an address to lead to, or a to_port of this host`);
  if (forward.toPort === 0) reader.fail('to_port', `forward ${forward.name} has a range of ports: write to_port`);
  if (!reader.has('to') && forward.masquerade) reader.fail('masquerade', 'within this host nothing is masqueraded');
  reader.finish();
  return forward;
}

const NO_PORT: PortRange = { protocol: 'tcp', first: 1, last: 1 };

/** The port of a range with one port; 0 for other ranges. */
function singlePort(port: PortRange | undefined): number {
  return port !== undefined && port.first === port.last ? port.first : 0;
}

/** Reads an address. Names are refused: somebody who answers for a name could lead all clients elsewhere. */
function unicast(text: string, field: string): Address {
  const address = parseAddress(text);
  if (address === undefined || !isUnicast(address) || formatAddress(address) !== text)
    throw badText(field, text, 'an address such as 10.0.0.5 or fd00::5');
  return address;
}
