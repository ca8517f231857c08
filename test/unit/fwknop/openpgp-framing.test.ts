import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/base/bytes.ts';
import { toBase64 } from '../../../src/fwknop/base64.ts';
import { isSealedMessage, readFraming, withOldHeader } from '../../../src/fwknop/openpgp-framing.ts';

/** Headers of every form that can tell the length, RFC 9580, section 4.2. */
const FORMS = {
  old1: (tag: number, length: number) => [0x80 | (tag << 2), length],
  old2: (tag: number, length: number) => [0x81 | (tag << 2), length >> 8, length & 0xff],
  old4: (tag: number, length: number) => [0x82 | (tag << 2), 0, 0, length >> 8, length & 0xff],
  new1: (tag: number, length: number) => [0xc0 | tag, length],
  new2: (tag: number, length: number) => [0xc0 | tag, ((length - 192) >> 8) + 192, (length - 192) & 0xff],
  new5: (tag: number, length: number) => [0xc0 | tag, 0xff, 0, 0, length >> 8, length & 0xff],
};
type Form = keyof typeof FORMS;
const FITS: Record<Form, (length: number, tag: number) => boolean> = {
  old1: (length, tag) => length < 256 && tag < 16,
  old2: (_, tag) => tag < 16,
  old4: (_, tag) => tag < 16,
  new1: (length) => length < 192,
  new2: (length) => length >= 192 && length < 8384,
  new5: () => true,
};

const packet = (form: Form, tag: number, body: Uint8Array) =>
  concat(Uint8Array.from(FORMS[form](tag, body.length)), body);
const bodyArbitrary = fc.uint8Array({ maxLength: 1200 });
const packetArbitrary = (tag: fc.Arbitrary<number>, body = bodyArbitrary) =>
  fc
    .record({ form: fc.constantFrom(...(Object.keys(FORMS) as Form[])), tag, body })
    .filter(({ form, tag, body }) => FITS[form](body.length, tag));

describe('the packets of an OpenPGP message', () => {
  it('are read in every form, exactly', () => {
    fc.assert(
      fc.property(fc.array(packetArbitrary(fc.integer({ min: 1, max: 63 })), { minLength: 1, maxLength: 5 }), (all) => {
        const message = concat(...all.map(({ form, tag, body }) => packet(form, tag, body)));
        const found = readFraming(message);
        expect(found?.map(({ tag }) => tag)).toEqual(all.map(({ tag }) => tag));
        expect(found?.map(({ bodyStart, end }) => message.slice(bodyStart, end))).toEqual(
          all.map(({ body }) => Uint8Array.from(body)),
        );
        expect(readFraming(message.subarray(0, -1))).not.toEqual(found);
        expect(readFraming(concat(message, Uint8Array.of(0)))).toBeUndefined();
      }),
    );
  });

  it('lie beside one another without gaps, or are refused, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const found = readFraming(bytes);
        if (found === undefined) return;
        expect(found.map(({ start }) => start)).toEqual([0, ...found.slice(0, -1).map(({ end }) => end)]);
        expect(found.at(-1)?.end).toBe(bytes.length);
        for (const { start, bodyStart, end } of found) expect(start < bodyStart && bodyStart <= end).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('may come in parts where they are encrypted, as GnuPG writes them', () => {
    const part = (bytes: number) => [Uint8Array.of(224 + Math.log2(bytes)), new Uint8Array(bytes)];
    const sessionKey = packet('old2', 1, new Uint8Array(268));
    const parts = (first: number, tag = 18) =>
      concat(Uint8Array.of(0xc0 | tag), ...part(first), ...part(512), Uint8Array.of(7), new Uint8Array(7));
    expect(readFraming(parts(512))).toMatchObject([{ tag: 18, start: 0, bodyStart: 2, end: 1 + 513 + 513 + 8 }]);
    expect(isSealedMessage(concat(sessionKey, parts(1024)))).toBe(true);
    expect(readFraming(parts(256))).toBeUndefined();
    expect(readFraming(parts(512, 1))).toBeUndefined();
    // Of a length that is not told.
    expect(readFraming(concat(Uint8Array.of(0x83 | (9 << 2)), new Uint8Array(40)))).toBeUndefined();
  });
});

describe('a message for fwknop', () => {
  const sealedArbitrary = fc.tuple(packetArbitrary(fc.constant(1)), packetArbitrary(fc.constant(18)));

  it('begins with the header that fwknop puts back without looking, and is otherwise as it was', () => {
    fc.assert(
      fc.property(sealedArbitrary, ([key, data]) => {
        const rest = packet(data.form, 18, data.body);
        const framed = withOldHeader(concat(packet(key.form, 1, key.body), rest));
        expect(toBase64(framed).slice(0, 2)).toBe('hQ');
        expect(framed).toEqual(concat(packet('old2', 1, key.body), rest));
        expect(withOldHeader(framed)).toEqual(framed);
      }),
    );
  });

  it('is session keys and what is encrypted with them, and nothing else', () => {
    const [key, data] = [packet('new1', 1, new Uint8Array(94)), packet('new1', 18, new Uint8Array(50))];
    expect(isSealedMessage(concat(key, key, data))).toBe(true);
    const others = [[key], [data], [key, data, data], [data, key], [packet('new1', 3, new Uint8Array(13)), data], []];
    for (const packets of others) {
      expect(isSealedMessage(concat(...packets))).toBe(false);
      expect(() => withOldHeader(concat(...packets))).toThrow(RangeError);
    }
    expect(() => withOldHeader(concat(packet('new5', 1, new Uint8Array(4096)), data))).toThrow('too long');
  });
});
