import { describe, expect, it } from 'vitest';
import { parseSections } from '../../../src/deploy/preflight/facts.ts';
import { lookAsRoot } from '../../../src/deploy/preflight/script.ts';
import { readSavedTables } from '../../../src/deploy/saved-table.ts';

/* That the table is taken out of such a file, and of no other, is shown on a booted target: test/deploy/remove.test.ts. */
describe('saved rules with the gate’s table in them', () => {
  it('are looked for before anything is changed', () => {
    expect(lookAsRoot('', [], [])).toContain('\nsection savedtables saved_tables\n');
  });

  it('are files below /etc, and nothing else that a server may say', () => {
    const told = '/etc/nftables.conf\n/etc/nftables.d/x y\n/root/x\n/etc/$(id)\n[x](command:y)\n/etc/nftables.d/own\n';
    const text = parseSections(`@savedtables 0\n${told.replaceAll(/^(?=.)/gm, ' ')}`).get('savedtables')?.text ?? '';
    expect(readSavedTables(text)).toEqual(['/etc/nftables.conf', '/etc/nftables.d/own']);
  });
});
