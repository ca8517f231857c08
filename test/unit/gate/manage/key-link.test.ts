import { describe, expect, it } from 'vitest';
import { linkOf } from '../../../../server-helper/manage/key.ts';

describe('knockgated key --link', () => {
  it('prints the line as a link', () => {
    const line = `knockgate1 gate ${'A'.repeat(42)}E 32 203.0.113.7 443 prod`;
    expect(linkOf(line)).toBe(`vscode://knockgate.knockgate/add?line=${line.replaceAll(' ', '+')}`);
  });
});
