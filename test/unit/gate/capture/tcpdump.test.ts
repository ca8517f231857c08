import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../../../server-helper/capture/tcpdump.ts';

const told = (said: string) => refusalOf(said, 7).message;

describe('a tcpdump that ends before it listens', () => {
  it('says that another program reads the group, where it may not listen on it', () => {
    expect(told("tcpdump: Can't listen on group index: Operation not permitted\n")).toContain(
      'Another program reads NFLOG group 7.',
    );
  });

  it.each([
    ["tcpdump: Couldn't change to 'tcpdump' uid=102 gid=105: Operation not permitted"],
    ['tcpdump: NFULNL_CFG_CMD_PF_UNBIND: Operation not permitted'],
    ['tcpdump: /var/lib: Device or resource in use'],
    ['tcpdump: nflog:7: No such device exists'],
  ])('is told in its own words otherwise, whatever word they share: %s', (said) => {
    expect(told(said)).toContain(said);
    expect(told(said)).not.toContain('Another program');
  });

  it('may have said nothing', () => {
    expect(told('')).toContain('tcpdump ended without a word.');
  });
});
