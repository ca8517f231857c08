import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { utf8 } from '../../../src/base/bytes.ts';
import { toBase64 } from '../../../src/fwknop/base64.ts';
import { nodeFwknopCrypto as crypto } from '../../../src/fwknop/crypto-node.ts';
import { readGpgPacket } from '../../../src/fwknop/gpg-packet.ts';
import { parseHmacKeyFile, parseKeyFile } from '../../../src/fwknop/key-file.ts';
import { isSealedMessage, readFraming, withOldHeader } from '../../../src/fwknop/openpgp-framing.ts';
import { openPacket, sealWithSalt } from '../../../src/fwknop/packet.ts';
import { writePacketText } from '../../../src/fwknop/packet-text.ts';
import { decodePlaintext, encodePlaintext } from '../../../src/fwknop/plaintext.ts';
import { bytes, type FuzzTarget, must, textOf, textTarget } from '../target.ts';

interface Vector {
  readonly plaintext: string;
  readonly packet: string;
}
const { vectors }: { readonly vectors: readonly Vector[] } = JSON.parse(
  readFileSync(new URL('../../vectors/fwknop.json', import.meta.url), 'utf8'),
);

const HMAC = { digest: 'sha256', key: utf8('hmac-key-0001') } as const;
const KEYS = { key: utf8('correct horse 32'), mode: 'cbc', hmac: HMAC } as const;
const NO_HMAC = { ...KEYS, hmac: undefined };

/** A session key for RSA-2048 in each form of header, then what is encrypted with it, whole and in parts. */
const SESSION_KEY = Buffer.alloc(268, 3);
const ENCRYPTED = Buffer.concat([Buffer.of(0xd2, 0xc0, 0x08), Buffer.alloc(200, 5)]);
const IN_PARTS = Buffer.concat([Buffer.of(0xd2, 0xe9), Buffer.alloc(512, 5), Buffer.of(20), Buffer.alloc(20, 6)]);
const GPG_MESSAGES = [
  Buffer.concat([Buffer.of(0x85, 0x01, 0x0c), SESSION_KEY, ENCRYPTED]),
  Buffer.concat([Buffer.of(0xc1, 0xc0, 0x4c), SESSION_KEY, IN_PARTS]),
  Buffer.concat([Buffer.of(0x84, 0x5e), Buffer.alloc(94, 3), ENCRYPTED]),
];

/** Readers of packets from fwknop's clients, and of its keys. */
export const FWKNOP_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'fwknop-packet',
    seeds: vectors.map(({ packet }) => bytes(packet)),
    longest: 2000,
    read: (input) => [openPacket(crypto, KEYS, textOf(input)), openPacket(crypto, NO_HMAC, textOf(input))],
  },
  {
    // What is sealed is opened, unless fwknopd would not look at it.
    name: 'fwknop-seal',
    seeds: vectors.map(({ plaintext }) => bytes(plaintext)),
    longest: 1200,
    read: (input) => {
      const packet = sealWithSalt(crypto, KEYS, input, new Uint8Array(8).fill(1));
      const opened = openPacket(crypto, KEYS, packet);
      if (opened.ok) must(Buffer.from(opened.plaintext).equals(input), 'opens something else than was sealed');
      else must(packet.length < 140 || packet.length > 1500, 'does not open what was sealed');
      return opened;
    },
  },
  {
    // With a digest that is right: without it nothing else would be looked at.
    name: 'fwknop-message',
    seeds: vectors.map(({ plaintext }) => bytes(plaintext.slice(0, plaintext.lastIndexOf(':')))),
    words: ['MTkyLjAuMi4xMCx0Y3AvMjI', toBase64(utf8('0.0.0.0,tcp/22,udp/53')), toBase64(utf8('10.0.0.5,22'))],
    longest: 2000,
    read: (input) => {
      const plaintext = utf8(`${textOf(input)}:${toBase64(crypto.hash('sha256', utf8(textOf(input))))}`);
      const decoded = decodePlaintext(crypto, plaintext);
      if (!decoded.ok) return decoded.reason;
      const again = encodePlaintext(crypto, decoded.message, decoded.digest);
      must(Buffer.from(again).equals(plaintext), 'two plaintexts say the same');
      return decoded.message;
    },
  },
  {
    name: 'gpg-framing',
    seeds: GPG_MESSAGES,
    longest: 6000,
    read: (input) => {
      const packets = readFraming(input);
      let end = 0;
      for (const packet of packets ?? []) {
        must(
          packet.start === end && packet.bodyStart > packet.start && packet.end >= packet.bodyStart,
          'packets overlap',
        );
        end = packet.end;
      }
      if (packets !== undefined) must(end === input.length, 'something is left over');
      if (!isSealedMessage(input)) return undefined;
      const first = packets?.[0];
      if (first !== undefined && first.end - first.bodyStart > 0xfff) return undefined;
      const framed = withOldHeader(input);
      must(toBase64(framed).startsWith('hQ') && isSealedMessage(framed), 'is not re-framed');
      must(isDeepStrictEqual(withOldHeader(framed), framed), 'is re-framed twice');
      return packets;
    },
  },
  {
    name: 'gpg-packet',
    seeds: GPG_MESSAGES.slice(0, 2).map((message) => bytes(writePacketText(crypto, HMAC, 'hQ', message))),
    longest: 2000,
    read: (input) => [true, false].map((isRsa) => readGpgPacket(crypto, HMAC, isRsa, textOf(input))),
  },
  textTarget(
    'fwknop-keys',
    [
      'KEY_BASE64: c2VjcmV0\nHMAC_KEY_BASE64: b3RoZXI=\n',
      '# a comment\nKEY hush\nHMAC_KEY another\n',
      'HMAC_KEY one\n',
    ],
    (text) => {
      const keys = parseKeyFile(text);
      if (keys !== undefined)
        must(keys.key.length > 0 && keys.key.length <= 32, 'a key of a length that fwknop does not take');
      return [keys, parseHmacKeyFile(text)];
    },
  ),
];
