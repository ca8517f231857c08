import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unfoldArmour } from '../../../../src/vscode/keys/gpg-armour.ts';

const key = (bytes: Uint8Array, checksum: string, kind = 'PUBLIC') => {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,60}/g) ?? [];
  const body = ['', ...lines, ...(checksum === '' ? [] : [checksum])].join('\n');
  return `-----BEGIN PGP ${kind} KEY BLOCK-----\n${body}\n-----END PGP ${kind} KEY BLOCK-----\n`;
};

describe('an ASCII-armoured key', () => {
  it('is put back as it was, whatever a field of one line has made of the ends of its lines', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 300 }),
        fc.constantFrom('', '=abcd', '=+/9A'),
        fc.constantFrom('', ' ', '\n', '\r\n'),
        fc.constantFrom('PUBLIC', 'PRIVATE'),
        (bytes, checksum, ends, kind) => {
          const whole = key(bytes, checksum, kind);
          expect(unfoldArmour(`before ${whole.replaceAll('\n', ends)} after`)).toBe(whole);
        },
      ),
    );
  });

  it('may have headers where its lines are whole', () => {
    const whole = key(Buffer.alloc(40), '=abcd').replace('-----\n', '-----\nComment: mine\n');
    expect(unfoldArmour(whole)).toBe(whole);
  });

  it.each([
    ['nothing', ''],
    ['half of one', key(Buffer.alloc(40), '').slice(0, -10)],
    ['two that do not go together', key(Buffer.alloc(40), '').replace('BEGIN PGP PUBLIC', 'BEGIN PGP PRIVATE')],
    ['no base64', key(Buffer.alloc(40), '').replace('AAAA', 'A!AA').replaceAll('\n', '')],
    ['something left out', key(Buffer.alloc(40), '').replace('AAAA', 'AAA').replaceAll('\n', '')],
    [
      'headers that look like it',
      key(Buffer.alloc(40), '').replace('-----\n', '-----\nComment: x\n').replaceAll('\n', ''),
    ],
  ])('is not made of %s', (_, text) => {
    expect(unfoldArmour(text)).toBeUndefined();
  });
});
