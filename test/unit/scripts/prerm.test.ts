import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FOR_PRERM } from '../../../src/deploy/saved-table.ts';

const PRERM = readFileSync(new URL('../../../server-helper/debian/prerm', import.meta.url), 'utf8');

/* Effects of the package on saved rules are shown on a booted target: test/deploy/deb.test.ts. */
describe('the package, when it is removed', () => {
  it('treats saved rules as `knockgate undeploy` does', () => {
    expect(PRERM).toContain(`\n${FOR_PRERM}\n`);
  });
});
