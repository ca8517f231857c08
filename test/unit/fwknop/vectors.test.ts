import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Digest, Mode } from '../../../src/fwknop/algorithms.ts';
import { formatNat, formatPorts, formatSourceWith } from '../../../src/fwknop/ask-text.ts';
import type { FwknopMessage } from '../../../src/fwknop/message.ts';
import { openPacket, type PacketKeys, sealWithSalt } from '../../../src/fwknop/packet.ts';
import { decodePlaintext, encodePlaintext } from '../../../src/fwknop/plaintext.ts';
import { encrypt } from '../../../src/fwknop/rijndael.ts';
import { hex, unhex } from '../spa/support.ts';
import { PROVIDERS } from './support.ts';

/** Packets that libfko 2.6.10 reads, each with all that is in it. */
interface Vector {
  name: string;
  mode: Mode;
  digest: Digest;
  hmac: Digest | null;
  key_hex: string;
  hmac_key_hex: string | null;
  type: number;
  message: string;
  nat: string | null;
  server_auth: string | null;
  timeout: number;
  plaintext: string;
  salt_hex: string;
  ciphertext_hex: string;
  packet: string;
  packet_len: number;
}

const { vectors } = JSON.parse(readFileSync(new URL('../../vectors/fwknop.json', import.meta.url), 'utf8')) as {
  vectors: Vector[];
};

describe.each(PROVIDERS)('vectors of libfko, $name', ({ crypto }) => {
  it.each(vectors)('$name', (vector) => {
    const keys = keysOf(vector);
    const { plaintext, salt_hex: salt, packet } = vector;
    const bytes = Uint8Array.from(Buffer.from(plaintext));
    expect(hex(encrypt(crypto, keys.key, keys.mode, unhex(salt), bytes))).toBe(vector.ciphertext_hex);
    expect(sealWithSalt(crypto, keys, bytes, unhex(salt))).toBe(packet);
    expect(packet).toHaveLength(vector.packet_len);

    const opened = openPacket(crypto, keys, packet);
    expect(opened.ok && Buffer.from(opened.plaintext).toString()).toBe(plaintext);
    const read = decodePlaintext(crypto, bytes);
    if (!read.ok) throw new Error(read.reason);
    expect(read.digest).toBe(vector.digest);
    expect(textOf(read.message)).toBe(vector.message);
    expect(natOf(read.message)).toBe(vector.nat);
    expect(read.message.timeout).toBe(vector.timeout);
    expect(read.message.serverAuth ?? null).toBe(vector.server_auth);
    expect(Buffer.from(encodePlaintext(crypto, read.message, vector.digest)).toString()).toBe(plaintext);
  });
});

function keysOf({ key_hex: key, mode, hmac, hmac_key_hex: hmacKey }: Vector): PacketKeys {
  return {
    key: unhex(key),
    mode,
    hmac: hmac === null ? undefined : { digest: hmac, key: unhex(hmacKey ?? '') },
  };
}

function textOf({ source, ask }: FwknopMessage): string {
  return formatSourceWith(source, ask.kind === 'command' ? ask.command : formatPorts(ask.ports));
}

function natOf({ ask }: FwknopMessage): string | null {
  return ask.kind === 'nat' ? formatNat(ask.target) : null;
}
