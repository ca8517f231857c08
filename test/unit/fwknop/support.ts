import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { addressOfBytes } from '../../../src/base/addresses.ts';
import { DIGEST_NAMES, MODES } from '../../../src/fwknop/algorithms.ts';
import type { FwknopCrypto } from '../../../src/fwknop/crypto.ts';
import { nobleFwknopCrypto } from '../../../src/fwknop/crypto-noble.ts';
import { nodeFwknopCrypto } from '../../../src/fwknop/crypto-node.ts';
import type { FwknopAsk, FwknopMessage } from '../../../src/fwknop/message.ts';
import type { PacketKeys } from '../../../src/fwknop/packet.ts';
import { bytesArbitrary, portArbitrary } from '../spa/support.ts';

/** Both providers, under the name that a test title shows. */
export const PROVIDERS: readonly { readonly name: string; readonly crypto: FwknopCrypto }[] = [
  { name: 'node', crypto: nodeFwknopCrypto },
  { name: 'noble', crypto: nobleFwknopCrypto((length) => Uint8Array.from(randomBytes(length))) },
];

export const digestArbitrary = fc.constantFrom(...DIGEST_NAMES);

export const keysArbitrary: fc.Arbitrary<PacketKeys> = fc.record({
  key: fc.uint8Array({ maxLength: 32 }),
  mode: fc.constantFrom(...MODES),
  hmac: fc.option(fc.record({ digest: digestArbitrary, key: fc.uint8Array({ maxLength: 140 }) }), { nil: undefined }),
});

function text(alphabet: string, most: number): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...alphabet), minLength: 1, maxLength: most });
}

const PRINTABLE = Array.from({ length: 0x7f - 0x20 }, (_, i) => String.fromCharCode(0x20 + i)).join('');
const LETTERS = 'abcxyzABC0123456789';
const portsArbitrary = fc.uniqueArray(portArbitrary, {
  minLength: 1,
  maxLength: 8,
  selector: ({ protocol, port }) => `${protocol}/${port}`,
});

const askArbitrary: fc.Arbitrary<FwknopAsk> = fc.oneof(
  fc.record({ kind: fc.constant('access' as const), ports: portsArbitrary }),
  fc.record({
    kind: fc.constant('nat' as const),
    local: fc.boolean(),
    ports: portsArbitrary,
    target: fc.record({ host: text(`${LETTERS}_`, 70), port: fc.integer({ min: 1, max: 65535 }) }),
  }),
  fc.record({ kind: fc.constant('command' as const), command: text(PRINTABLE, 150) }),
);

/** Any message that the encoder takes. */
export const messageArbitrary: fc.Arbitrary<FwknopMessage> = fc
  .record({
    random: fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 16, maxLength: 16 }),
    user: text(`${LETTERS} !#$%&'()-.@^_\`{}~`, 48),
    timestamp: fc.integer({ min: 0, max: 999_999_999_999 }),
    version: fc.constantFrom('3.0.0', '2', '3.1.4567'),
    source: fc.option(
      bytesArbitrary(4)
        .filter((bytes) => bytes.some((byte) => byte !== 0))
        .map(addressOfBytes),
      { nil: undefined },
    ),
    ask: askArbitrary,
    serverAuth: fc.option(text(LETTERS, 192), { nil: undefined }),
    timeout: fc.integer({ min: 0, max: 65_536 }),
  })
  .map((message) => (message.ask.kind === 'command' ? { ...message, timeout: 0 } : message));

/** A message that everybody takes. */
export const MESSAGE: FwknopMessage = {
  random: '1234567890123456',
  user: 'alice',
  timestamp: 1_700_000_000,
  version: '3.0.0',
  source: addressOfBytes(Uint8Array.of(192, 0, 2, 10)),
  ask: { kind: 'access', ports: [{ protocol: 'tcp', port: 22 }] },
  serverAuth: undefined,
  timeout: 0,
};
