import { utf8 } from '../base/bytes.ts';
import { isHash, isId, LIMITS, LIST_PARTS, type Pointer } from './documents.ts';
import { FleetFault } from './fault.ts';

/** A gate's line in a list. */
export interface ListedGate extends Pointer {
  readonly id: string;
}

/** A list of more gates than this has parts. */
const MOST_OF_ONE_LIST = 1000;

/** Texts of the list, or of its parts, of gates that are sorted by id. */
export function listsOf(gates: readonly ListedGate[], sha256: (data: Uint8Array) => Uint8Array): readonly string[] {
  if (gates.length <= MOST_OF_ONE_LIST) return [formatList(gates)];
  const parts = Array.from({ length: LIST_PARTS }, (): ListedGate[] => []);
  for (const gate of gates) parts[listPartOf(gate.id, LIST_PARTS, sha256)]?.push(gate);
  return parts.map(formatList);
}

/** Text of a list: `hash length id`, sorted by id. */
function formatList(gates: readonly ListedGate[]): string {
  const lines = gates.map(({ hash, length, id }) => `${hash} ${length} ${id}\n`);
  return lines.join('');
}

/**
 * Reads a list or a part of one.
 * @throws FleetFault `document-invalid` or `document-too-long`
 */
export function parseList(text: string): readonly ListedGate[] {
  if (text.length > LIMITS.list)
    throw new FleetFault('document-too-long', 'list', `it is longer than ${LIMITS.list} bytes`);
  if (text === '') return [];
  const refuse = (line: number, expected: string): never => {
    throw new FleetFault('document-invalid', 'list', `line ${line}: expected ${expected}`);
  };
  if (!text.endsWith('\n')) refuse(text.split('\n').length, 'a line end');
  let before = '';
  return text
    .slice(0, -1)
    .split('\n')
    .map((line, i) => {
      const [hash = '', length = '', id = '', ...more] = line.split(' ');
      if (!isHash(hash) || !/^(?:0|[1-9][0-9]{0,8})$/.test(length) || !isId(id) || more.length > 0)
        refuse(i + 1, 'a hash, a length and the id of a gate');
      if (id <= before) refuse(i + 1, 'ids in ascending order');
      before = id;
      return { hash, length: Number(length), id };
    });
}

/** Number of the part, of `count`, that may hold a gate: the first byte of the hash of its id. */
export function listPartOf(id: string, count: number, sha256: (data: Uint8Array) => Uint8Array): number {
  return count === LIST_PARTS ? (sha256(utf8(id))[0] ?? 0) : 0;
}
