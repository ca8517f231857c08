import { describe, expect, it } from 'vitest';
import { faultsOf, l10nFaults, textsIn } from '../../../scripts/l10n.mjs';
import { stalePages } from '../../../scripts/reference.mjs';

describe('the reference pages', () => {
  it('are current; otherwise: npm run docs', () => {
    expect(stalePages()).toEqual([]);
  });
});

describe('the translations', () => {
  it('are current and whole; otherwise: npm run docs, and translate what it lists', () => {
    expect(l10nFaults()).toEqual([]);
  });

  it('come from the texts as they are written', () => {
    const source = "l10n.t('plain'); vscode.l10n.t(`{0} and {1}`, a, b); phrase('of {0}', c); t('not ours');";
    expect(textsIn('a.ts', source)).toEqual({ texts: ['plain', '{0} and {1}', 'of {0}'], wrong: [] });
  });

  it.each([
    ['l10n.t(message)', 'is not given a text'],
    [`l10n.t(\`\${name} is there\`)`, 'is not given a text'],
    ["l10n.t('{0} is there')", '1 places, and 0 values'],
    ["l10n.t('there', name)", '0 places, and 1 values'],
    ["phrase('{0} is there')", '1 places, and 0 values'],
  ])('refuse %s', (source, complaint) => {
    expect(textsIn('a.ts', source).wrong).toEqual([expect.stringContaining(complaint)]);
  });

  it.each([
    [{}, 'not translated: a'],
    [{ a: '{0} `x`', b: '' }, 'nothing uses: b'],
    [{ a: '{1} `x`' }, 'not the same'],
    [{ a: '{0} `y`' }, 'not the same'],
  ])('refuse the translation %j', (translation: Record<string, string>, complaint) => {
    expect(faultsOf('de', { a: '{0} `x`' }, translation)).toEqual([expect.stringContaining(complaint)]);
  });
});
