import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { usualName } from '../../../../src/client/keys/key-name.ts';
import { parseName } from '../../../../src/spa/enrolment.ts';

describe('the usual name of a key', () => {
  it('is user and computer', () => {
    expect(usualName('alice', 'laptop')).toBe('alice-laptop');
    expect(usualName('Ann Ö', 'x/y')).toBe('Ann-x-y');
    expect(usualName('', '')).toBe('client');
  });

  it('is a name, whatever they are called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ maxLength: 100 }), (user, host) => {
        const name = usualName(user, host);
        expect(parseName(name)).toBe(name);
      }),
    );
  });
});
