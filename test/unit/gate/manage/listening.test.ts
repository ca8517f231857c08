import { describe, expect, it } from 'vitest';
import { decoyMisfits, misfits, parseListeners } from '../../../../server-helper/manage/listening.ts';
import { parsePortRange } from '../../../../src/base/ports.ts';

const ports = (...texts: string[]) => texts.map((text) => parsePortRange(text));

describe('what is hidden and what listens', () => {
  it.each<[string, string[], number[], number[], string[]]>([
    ['fit where sshd is at a hidden port', ['tcp/22'], [22, 80], [22], []],
    ['fit where sshd is in a hidden range', ['tcp/*'], [2222], [2222], []],
    [
      'do not where sshd is at another port',
      ['tcp/22'],
      [2222],
      [2222],
      ['Nothing listens on tcp/22.', 'sshd listens on tcp/2222, which is not hidden: add it to ports in gate.toml.'],
    ],
    [
      'do not where one of two ports of sshd is shown',
      ['tcp/22'],
      [22, 443],
      [22, 443, 443],
      [expect.stringMatching('^sshd listens on tcp/443')],
    ],
    ['do not where nothing listens at all', ['tcp/22'], [], [], ['Nothing listens on tcp/22.']],
    ['say nothing of UDP, which is not looked at', ['udp/51820'], [], [], []],
    ['say nothing of a range that is empty', ['tcp/8000-8100'], [22], [], []],
  ])('%s', (_, hidden, listening, sshd, expected) => {
    expect(misfits(ports(...hidden), listening, sshd)).toEqual(expected);
  });

  it.each([
    [[2222], [], []],
    [
      [22],
      [22],
      ['Nothing listens on tcp/2222, the decoy of tcp/22: strangers are refused, and see that a port is there.'],
    ],
    [[22, 2222], [2222], ['sshd listens on tcp/2222, the decoy of tcp/22: strangers are led to it.']],
  ])('of a decoy, with listeners at %j and sshd at %j, are %j', (listening, sshd, expected) => {
    expect(decoyMisfits([{ port: 22, to: 2222 }], listening, sshd)).toEqual(expected);
  });

  it('are read from proc(5) tcp: sockets that listen, and their numbers', () => {
    const text = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:08AE 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1521 1 000000006ccdcd1b 100 0 0 10 0
   1: 026433C6:0016 076433C6:D431 01 00000000:00000000 02:000A7B57 00000000     0        0 2210 2 00000000a5d0a2ab 20 4 29 10 -1
`;
    expect(parseListeners(text)).toEqual([{ port: 2222, inode: '1521' }]);
  });
});
