import type { Random } from '../../rig/random.ts';

/** A stanza of access.conf, and what its client needs to know of it. */
export interface RandomStanza {
  readonly lines: readonly string[];
  /** Options of fwknop's client. */
  readonly keys: readonly string[];
}

/** A packet of fwknop's client: who sends it, and whom it names. */
export interface RandomKnock {
  /** Place of the stanza whose keys it is made with. */
  readonly stanza: number;
  readonly source: string;
  /** The address that it asks for; undefined: the one that the packet comes from. */
  readonly claimed: string | undefined;
  /** More options of fwknop's client. */
  readonly ask: readonly string[];
}

/** Values of each directive. The first is the usual one; undefined: the directive is not there; some values fwknopd refuses. */
const VALUES: Readonly<Record<string, readonly (string | undefined)[]>> = {
  OPEN_PORTS: [
    'tcp/22, tcp/80',
    'tcp/22',
    'udp/53',
    'tcp/22,udp/1194,tcp/8443',
    'TCP/022',
    'tcp/22 # ssh',
    'tcp/22 udp/53',
    'tcp/22-80',
    undefined,
    '',
    'tcp/0',
    'tcp/70000',
    'tcp/22,icmp/8',
    'tcp/22,',
    '22',
  ],
  RESTRICT_PORTS: [undefined, 'tcp/80', 'tcp/22', 'udp/53, tcp/8443', 'tcp/80 x', 'tcp/70000', 'tcp80', ''],
  FW_ACCESS_TIMEOUT: [
    undefined,
    '60',
    '200',
    '24000',
    '0',
    '90s',
    'x',
    '3600 # an hour',
    '+90',
    '0x50',
    '-5',
    '8388608',
    '99999999999',
    '',
  ],
  MAX_FW_TIMEOUT: [undefined, '90', '600', '0', 'x', '40000', '-1', '120 # s'],
  REQUIRE_SOURCE_ADDRESS: ['Y', undefined, 'N', 'yes', 'maybe', '0', ''],
  REQUIRE_SOURCE: [undefined, 'Y', 'N'],
  REQUIRE_USERNAME: [undefined, 'alice', 'bob', '"alice"', 'alice # me', 'al ice', ''],
  ACCESS_EXPIRE: [undefined, '12/31/2090', '1/2/20', '31.12.2090', '02/30/2090', '13/45/2090', '12/31/1969'],
  ACCESS_EXPIRE_EPOCH: [undefined, '3900000000', '1000', 'never', '3900000000 x', '-1'],
  DESTINATION: [undefined, 'ANY', '192.0.2.2', '192.0.2.3', 'x'],
  ENABLE_CMD_EXEC: [undefined, 'Y', 'N'],
  CMD_EXEC_USER: [undefined, 'nobody'],
  FORCE_NAT: [
    undefined,
    '10.0.0.5 2222',
    '10.0.0.5 022',
    '10.0.0.5 22x',
    '010.0.0.5 22',
    '10.0.0.5:22',
    '10.0.0.5 0',
    'inner 22',
  ],
  FORCE_MASQUERADE: [undefined, 'Y', 'N'],
  FORCE_SNAT: [undefined, '10.0.0.1'],
  FORWARD_ALL: [undefined, 'Y', 'N'],
  DISABLE_DNAT: [undefined, 'Y'],
  CMD_CYCLE_OPEN: [undefined, '/bin/true'],
  CMD_CYCLE_CLOSE: [undefined, 'NONE'],
  COLOUR: [undefined, 'red'],
};

const SOURCES = [
  'ANY',
  '192.0.2.0/24',
  '192.0.2.0/25',
  '192.0.2.0/255.255.255.128',
  '192.0.2.128/25',
  '192.0.2.77/27',
  '192.0.2.64, 192.0.2.160',
  '10.0.0.1, ANY',
  'any',
  '198.51.100.0/24',
  '192.0.2.0/255.0.255.0',
  '192.0.2',
  '192.0.2.0100/25',
  '192.0.2.0/25, nowhere',
  '192.0.2.0/33',
  '0.0.0.0/0',
  '192.0.2.0/25,',
];

const MODES = ['CBC', 'CTR', 'CFB', 'OFB', 'legacy', 'ctr', 'PCBC'];
const DIGESTS = ['sha256', 'SHA512', 'md5', 'SHA1', 'SHA384', 'crc32'];
const ASKED = [
  'tcp/22',
  'tcp/80',
  'tcp/22,tcp/80',
  'udp/53',
  'tcp/22,udp/1194',
  'tcp/8443',
  'udp/1194,tcp/8443',
  'udp/22',
  'tcp/23',
];
const TIMES = [undefined, '60', '100', '5000', '60000'];

const base64 = (text: string) => Buffer.from(text).toString('base64');
const letters = (random: Random, count: number) =>
  Array.from({ length: count }, () => random.pick([...'abcdefghijklmnopqrstuvwxyz0123456789'])).join('');

/** The usual value mostly, so that most stanzas open something. */
function choose<T>(random: Random, values: readonly [T, ...T[]] | readonly T[]): T | undefined {
  return random.below(8) > 0 ? values[0] : random.pick(values);
}

/** A stanza with keys of its own. */
export function randomStanza(random: Random): RandomStanza {
  const [mode = 'CBC', digest = 'sha256'] = [choose(random, MODES), choose(random, DIGESTS)];
  const isLegacy = mode === 'legacy';
  // The legacy mode has short keys, and fwknop's client makes no HMAC with it.
  const key = letters(random, isLegacy ? 12 : 24);
  const hmacKey = isLegacy || random.below(8) === 0 ? undefined : letters(random, 40);
  const written = (name: string, value: string) =>
    random.below(3) === 0 ? `${name} ${value}` : `${name}_BASE64 ${base64(value)}`;
  const isUsual = mode === 'CBC' && digest === 'sha256';
  const keyLines = [
    written('KEY', key),
    ...(hmacKey === undefined ? [] : [written('HMAC_KEY', hmacKey)]),
    ...(isUsual ? [] : [`ENCRYPTION_MODE ${mode}`, `HMAC_DIGEST_TYPE ${digest}`]),
  ];
  const limits = Object.entries(VALUES).flatMap(([name, values]) => {
    // Now and then a directive comes twice.
    const times = random.below(20) === 0 ? 2 : 1;
    return Array.from({ length: times }, () => choose(random, values)).flatMap((value) =>
      value === undefined ? [] : [`${name} ${value}`.trimEnd()],
    );
  });
  return {
    lines: [`SOURCE ${choose(random, SOURCES)}`, ...shuffled(random, [...keyLines, ...limits])],
    keys: [
      ...['--key-base64-rijndael', base64(key), '-M', isLegacy ? 'legacy' : mode.toUpperCase()],
      ...(hmacKey === undefined
        ? []
        : ['--use-hmac', '--hmac-digest-type', digest.toLowerCase(), '--key-base64-hmac', base64(hmacKey)]),
    ],
  };
}

/**
 * A knock with the keys of a stanza.
 * @param addresses of its own: no other knock has them
 */
export function randomKnock(random: Random, stanza: number, addresses: readonly [string, string]): RandomKnock {
  const [source, other] = random.below(4) === 0 ? [addresses[1], addresses[0]] : addresses;
  const claimed = [source, source, source, other, undefined][random.below(5)];
  const time = choose(random, TIMES);
  const port = choose(random, ASKED) ?? '';
  const [single = ''] = port.split(',');
  const kinds: readonly string[][] = [
    ['-A', port],
    // The client takes one port only with these.
    ['-A', single, '-N', '10.0.0.5:22'],
    ['-A', single, '--nat-local', '--nat-port', '80'],
    ['-C', 'true'],
  ];
  const kind = choose(random, kinds) ?? [];
  const user = choose(random, ['alice', 'bob', 'alice # me']) ?? '';
  return { stanza, source, claimed, ask: [...kind, '-U', user, ...(time === undefined ? [] : ['-f', time])] };
}

function shuffled<T>(random: Random, values: readonly T[]): T[] {
  const mixed = [...values];
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const [a, b] = [mixed[i], mixed[j]];
    if (a !== undefined && b !== undefined) [mixed[i], mixed[j]] = [b, a];
  }
  return mixed;
}
