import { describe, expect, it } from 'vitest';
import { showClients, showRemoved, showRevoked } from '../../../../server-helper/manage/output.ts';

describe('what revoke says', () => {
  it('is that grants are ended', () => {
    expect(showRevoked({ ended: 2 }, 'alice')).toMatch(/^The grants of alice are ended/);
  });

  it('is not a success where there was nothing to end', () => {
    expect(showRevoked({ ended: 0 }, 'alcie')).toMatch(/^alcie has no grants: nothing to end/);
  });
});

describe('what client list says', () => {
  const alice = { name: 'alice', key: 'KEY', ports: ['tcp/22'], enabled: true };

  it('is who may knock', () => {
    expect(showClients([alice], [])).toBe('NAME   PORTS   KEY\nalice  tcp/22  KEY');
    expect(showClients([], [])).toMatch(/^Nobody may knock yet/);
  });

  it('has everybody else who gets in below', () => {
    const others = [
      { kind: 'fwknop', name: 'phones', ports: ['tcp/22'] },
      { kind: 'trusted', name: '10.0.0.0/8', ports: ['tcp/22'] },
    ] as const;
    expect(showClients([alice], others).split('\n').slice(2)).toEqual([
      '',
      'Besides:',
      'fwknop                    phones      tcp/22',
      'trusted, without a knock  10.0.0.0/8  tcp/22',
    ]);
  });
});

describe('what client remove says', () => {
  it('warns when nobody is left', () => {
    const removed = { name: 'alice', reloaded: true, nobody_left: false };
    expect(showRemoved(removed, 'in force now')).toBe('alice may not knock any more: in force now.');
    expect(showRemoved({ ...removed, nobody_left: true }, 'in force now')).toContain('before you leave');
  });
});
