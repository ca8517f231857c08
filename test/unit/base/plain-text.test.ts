import { describe, expect, it } from 'vitest';
import { plainDocument, plainText } from '../../../src/base/plain-text.ts';

describe('a text for a terminal', () => {
  it.each([
    ['The line that `knockgated key` prints.', 'The line that “knockgated key” prints.'],
    ['**Knocked.** As `dev@prod`, by *Add Host…*.', 'Knocked. As dev@prod, by Add Host….'],
    ['0.0.0.0:* and [::]:*', '0.0.0.0:* and [::]:*'],
    ['/a/*.conf **', '/a/*.conf **'],
    ['one ` alone', 'one ` alone'],
  ])('%s', (markdown, plain) => {
    expect(plainText(markdown)).toBe(plain);
  });
});

describe('a document for a terminal', () => {
  it('has no signs of Markdown, but what is to be typed as it is', () => {
    const document = '# A gate\n\n## Found\n\n- ✓ good\n- `a b`\n\n```sh\n# `title`\n\nrm **\n```\n\nDone.\n';
    expect(plainDocument(document)).toBe(
      'A gate\n\nFound:\n\n  ✓ good\n  “a b”\n\n    # `title`\n\n    rm **\n\nDone.\n',
    );
  });
});
