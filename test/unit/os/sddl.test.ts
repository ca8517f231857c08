import { describe, expect, it } from 'vitest';
import { othersWithAccess } from '../../../src/os/sddl.ts';

const ALICE = 'S-1-5-21-1004336348-1177238915-682003330-1001';
const BOB = 'S-1-5-21-1004336348-1177238915-682003330-1002';

describe('the access list of a file', () => {
  it.each([
    // What Windows gives a file in a profile.
    [`D:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;FA;;;${ALICE})`, []],
    [`D:PAI(A;;FA;;;${ALICE})`, []],
    [`D:P(A;;FA;;;S-1-5-18)(A;;FA;;;S-1-5-32-544)(A;;FA;;;${ALICE})`, []],
    // What it gives a file anywhere else on a disk.
    ['D:AI(A;ID;FA;;;BA)(A;ID;FA;;;SY)(A;ID;0x1301bf;;;AU)(A;ID;0x1200a9;;;BU)', ['Authenticated Users', 'Users']],
    [`D:(A;;FA;;;${ALICE})(A;;FR;;;WD)`, ['Everyone']],
    [`D:(A;;FA;;;${ALICE})(A;;FR;;;${BOB})`, [BOB]],
    // The owner may be anybody.
    ['D:(A;;FA;;;OW)', ['OW']],
    ['D:NO_ACCESS_CONTROL', ['Everyone']],
    // Nobody at all, then, not even the user: the system says so when the file is opened.
    ['D:P', []],
    [`D:(D;;FA;;;WD)(A;;FA;;;${ALICE})`, []],
    [`D:(A;OICIIO;GA;;;CO)(A;;FA;;;${ALICE})`, []],
    ['D:(A;CIOI;FA;;;WD)', ['Everyone']],
    [`D:(A;OICI;FA;;;${BOB})`, [BOB]],
    [`D:(A;CIOIIO;FA;;;${BOB})`, []],
    [`D:(XA;;FR;;;${BOB})`, [BOB]],
    [`D:(A;;FA;;;${ALICE})S:(ML;;NW;;;LW)`, []],
  ])('%s lets in %j', (sddl, others) => {
    expect(othersWithAccess(sddl, ALICE)).toEqual(others);
  });

  it('knows the letters of the own account', () => {
    const administrator = 'S-1-5-21-1004336348-1177238915-682003330-500';
    expect(othersWithAccess('D:(A;;FA;;;LA)', administrator)).toEqual([]);
    expect(othersWithAccess('D:(A;;FA;;;LA)', ALICE)).toEqual(['LA']);
    expect(othersWithAccess('D:(A;;FA;;;LS)', 'S-1-5-19')).toEqual([]);
  });

  it.each([
    '',
    'id',
    'O:BAD:(A;;FA;;;BA)',
    'D:(A;;FA;;;BA',
    'D:(A;;FA;;;BA)x',
    'D:(A;;FA)',
    'D:(A;;FA;;;)',
    'D:(A;;FA;;;ba)',
    'D:(XA;;FR;;;BU;(Member_of {SID(BA)}))',
  ])('is refused when it is not an access list: %j', (sddl) => {
    expect(othersWithAccess(sddl, ALICE)).toBeUndefined();
  });
});
