import type { Random } from '../rig/random.ts';

/** Parts that changed inputs are made of. */
export interface Material {
  /** Inputs that did something that no other did. */
  readonly corpus: readonly Uint8Array[];
  /** Words that mean something to the reader. */
  readonly words: readonly string[];
  /** Bytes of the longest input. */
  readonly longest: number;
}

/** Bytes that readers treat apart. */
const ODD_BYTES = [
  0x00, 0x01, 0x7f, 0x80, 0xff, 0x0a, 0x0d, 0x09, 0x20, 0x22, 0x23, 0x25, 0x2a, 0x2f, 0x3a, 0x3d, 0x5b, 0x5c, 0x5d,
];

/** Texts that have broken readers elsewhere. */
const ODD_WORDS = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '-0',
  '0x10',
  '1e999',
  '4294967296',
  '99999999999999999999',
  '\r\n',
  '\n\n',
  '"""',
  "'''",
  '\u202e',
  '\u009b31m',
  '\u0130',
  '\ufeff',
  '\u{1f511}',
  '::ffff:1.2.3.4',
  'fe80::1%lo',
  '../../',
  '$(id)',
  '%s%n',
];

type Change = (bytes: Uint8Array, random: Random, material: Material) => Uint8Array;

/** One input made of others, by a few changes at random. */
export function mutate(random: Random, material: Material): Uint8Array {
  // The shorter of two: long ones take time, and show little that short ones do not.
  const [one, other] = [random.pick(material.corpus), random.pick(material.corpus)];
  let bytes = (one?.length ?? 0) < (other?.length ?? 0) ? one : other;
  bytes ??= new Uint8Array(0);
  for (let left = 1 + random.below(5); left > 0; left--) bytes = change(random)(bytes, random, material);
  return bytes.subarray(0, material.longest);
}

function change(random: Random): Change {
  // Growing is slow, and seldom enough of it shows what is slow.
  return random.below(60) === 0 ? grow : random.pick(CHANGES);
}

const CHANGES: readonly [Change, ...Change[]] = [
  (bytes, random) => replaced(bytes, random.below(bytes.length), 1, [random.below(256)]),
  (bytes, random) => replaced(bytes, random.below(bytes.length), 1, [random.pick(ODD_BYTES) ?? 0]),
  (bytes, random) => {
    const at = random.below(bytes.length);
    return replaced(bytes, at, 1, [(bytes[at] ?? 0) ^ (1 << random.below(8))]);
  },
  (bytes, random) => replaced(bytes, random.below(bytes.length + 1), 0, [random.below(256)]),
  (bytes, random) => replaced(bytes, random.below(bytes.length), 1 + random.below(16), []),
  (bytes, random) => replaced(bytes, random.below(bytes.length + 1), 0, piece(bytes, random, 64)),
  (bytes, random, { words }) => replaced(bytes, random.below(bytes.length + 1), 0, word(random, words)),
  putWord,
  putNumber,
  takeLine,
  (bytes, random, { corpus }) => {
    const other = random.pick(corpus) ?? bytes;
    return Buffer.concat([
      bytes.subarray(0, random.below(bytes.length + 1)),
      other.subarray(random.below(other.length)),
    ]);
  },
  (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1)),
];

/** Replaces a word. */
function putWord(bytes: Uint8Array, random: Random, { words }: Material): Uint8Array {
  return putAt(bytes, random, /[\w.-]+/g, word(random, words));
}

/** Replaces a number. */
function putNumber(bytes: Uint8Array, random: Random): Uint8Array {
  const numbers = [
    '0',
    '1',
    '-1',
    '22',
    '255',
    '256',
    '65535',
    '65536',
    '2147483648',
    '1e3',
    '00',
    '',
    String(random.below(1e9)),
  ];
  return putAt(bytes, random, /[0-9]+/g, Buffer.from(random.pick(numbers) ?? ''));
}

function putAt(bytes: Uint8Array, random: Random, what: RegExp, put: Uint8Array): Uint8Array {
  const places = [...Buffer.from(bytes).toString('latin1').matchAll(what)];
  const found = random.pick(places);
  return found === undefined ? bytes : replaced(bytes, found.index, found[0].length, put);
}

/** A line of one input into another, or out of it. */
function takeLine(bytes: Uint8Array, random: Random, { corpus }: Material): Uint8Array {
  const linesOf = (from: Uint8Array) => Buffer.from(from).toString('latin1').split('\n');
  const [lines, others] = [linesOf(bytes), linesOf(random.pick(corpus) ?? bytes)];
  lines.splice(
    random.below(lines.length + 1),
    random.below(2),
    ...(random.below(4) === 0 ? [] : [random.pick(others) ?? '']),
  );
  return Buffer.from(lines.join('\n'), 'latin1');
}

/** A piece many times over: what takes time that grows faster than the input shows here. */
function grow(bytes: Uint8Array, random: Random, { words, longest }: Material): Uint8Array {
  const one = random.below(2) === 0 ? word(random, words) : piece(bytes, random, 1 + random.below(40));
  const times = Math.min(1 + random.below(30_000), Math.floor((longest - bytes.length) / Math.max(one.length, 1)));
  if (times < 1) return bytes;
  return replaced(bytes, random.below(bytes.length + 1), 0, Buffer.concat(Array.from({ length: times }, () => one)));
}

function word(random: Random, words: readonly string[]): Uint8Array {
  return Buffer.from(random.pick(random.below(4) === 0 ? ODD_WORDS : words) ?? random.pick(ODD_WORDS) ?? '');
}

function piece(bytes: Uint8Array, random: Random, most: number): Uint8Array {
  const start = random.below(bytes.length);
  return bytes.subarray(start, start + 1 + random.below(most));
}

function replaced(bytes: Uint8Array, at: number, length: number, put: ArrayLike<number>): Uint8Array {
  return Buffer.concat([bytes.subarray(0, at), Uint8Array.from(put), bytes.subarray(at + length)]);
}
