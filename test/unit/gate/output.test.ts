import { describe, expect, it } from 'vitest';
import { showRevoked } from '../../../server-helper/output.ts';

describe('what revoke says', () => {
  it('is that grants are ended', () => {
    expect(showRevoked({ ended: 2 }, 'alice')).toMatch(/^The grants of alice are ended/);
  });

  it('is no success where there was nothing to end', () => {
    expect(showRevoked({ ended: 0 }, 'alcie')).toMatch(/^alcie has no grants: nothing to end/);
  });
});
