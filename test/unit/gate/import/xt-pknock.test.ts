import { describe, expect, it } from 'vitest';
import { parseGateConfig } from '../../../../server-helper/config/gate-config.ts';
import { importXtPknock } from '../../../../server-helper/import/xt-pknock.ts';
import { formatNetwork } from '../../../../src/base/addresses.ts';
import { formatPort, formatPortRange } from '../../../../src/base/ports.ts';
import { formatStep } from '../../../../src/sequence/step.ts';

const CLIENTS = [{ key: new Uint8Array(32).fill(9), name: 'alice' }];
const SEQUENCE = '-p tcp -m pknock --knockports 4002,4001,4004 --time 10 --name SSH';
const rule = (match: string, rest = '-m tcp --dport 22 -j ACCEPT') => `-A INPUT ${match} ${rest}\n`;
const HMAC =
  'iptables -A INPUT -p udp -m pknock --name WEB --knockports 2000 --opensecret S3cret --closesecret Other -j DROP\n';
const ASKS = 'iptables -A INPUT -p tcp -m pknock --checkip --name WEB --dport 443 -j ACCEPT\n';

function imported(text: string, clients = CLIENTS) {
  const result = importXtPknock({ text, file: 'rules' }, clients);
  expect(JSON.stringify(result)).not.toContain('S3cret');
  if (result.doors === 0) return { ...result, hides: [], opens: [] };
  const { gate, clients: enrolled, sequences } = parseGateConfig(result.toml, 'gate.toml');
  return {
    ...result,
    hides: gate.ports.map(formatPortRange),
    opens: [
      ...sequences.map(({ name, steps, stepTimeout, ports, grant, sources }) =>
        [
          name,
          steps.map(formatStep).join(),
          stepTimeout,
          ports.map(formatPort).join(),
          grant,
          ...sources.map(formatNetwork),
        ].join(' '),
      ),
      ...enrolled.map(({ name, ports, longestGrant, sources }) =>
        [name, ports.map(formatPortRange).join(), longestGrant, ...sources.map(formatNetwork)].join(' '),
      ),
    ],
  };
}

describe('rules with -m pknock', () => {
  it('become a sequence, with its times', () => {
    const found = imported(rule(`${SEQUENCE} --autoclose 10 --strict`));
    expect(found).toMatchObject({
      hides: ['tcp/22'],
      opens: ['SSH tcp/4002,tcp/4001,tcp/4004 10 tcp/22 600 0.0.0.0/0'],
      notes: [expect.stringContaining('rules:1: SSH counts any packet of TCP')],
    });
  });

  it('open what a rule with --checkip opens, and say what a gate does otherwise', () => {
    const learns = rule('-p udp -m pknock --knockports 1100,2200,3300 --time 100 --name "MY DOOR"', '-j DROP');
    const found = imported(`${learns}${rule('-p tcp -m pknock --checkip --name "MY DOOR"')}`);
    expect(found.opens).toEqual(['MY-DOOR udp/1100,udp/2200,udp/3300 60 tcp/22 30 0.0.0.0/0']);
    expect(found.notes).toEqual([
      'rules:1: 100 seconds become step_timeout = 60, the longest there is',
      'rules:1: MY DOOR is not strict: at a gate a wrong port starts over',
      'rules:1: xt_pknock never closes MY DOOR; here it is open for the seconds of grant in [gate]',
    ]);
  });

  it('with secrets become clients, with and without the values', () => {
    for (const learns of [HMAC, HMAC.replace(' S3cret', '').replace(' Other', '')]) {
      const found = imported(learns + ASKS.replace('--checkip', '--checkip'));
      expect(found.opens).toEqual(['alice tcp/443 300 0.0.0.0/0']);
      expect(found.hides).toEqual(['tcp/443']);
    }
    expect(imported(HMAC + ASKS, [])).toMatchObject({
      doors: 0,
      notes: ['rules:1: WEB has secrets, and is left out: add --client for each client'],
    });
  });

  it('both become one gate', () => {
    const found = imported(`${rule(`${SEQUENCE} --strict --autoclose 1`)}${HMAC}${ASKS}`);
    expect(found.doors).toBe(2);
    expect(found.hides).toEqual(['tcp/22', 'tcp/443']);
    expect(found.opens.map((line) => line.split(' ')[0])).toEqual(['SSH', 'alice']);
  });

  it.each([
    ['of ip6tables', `ip6tables ${rule(SEQUENCE)}`, 'not iptables'],
    [
      'with --dport in front',
      rule('-p tcp --dport 22 -m pknock --knockports 1000,2000,3000 --time 9 --name X', '-j ACCEPT'),
      'in front',
    ],
    ['that opens every port', rule(SEQUENCE, '-j ACCEPT'), 'every port'],
    ['with a condition', rule(`-i eth1 ${SEQUENCE}`), '-i eth1'],
    [
      'with a condition, beside DROP',
      `${rule(`-i eth1 ${SEQUENCE}`, '-j DROP')}${rule('-p tcp -m pknock --checkip --name SSH')}`,
      '-i eth1',
    ],
    ['for some sources', rule(`-s 10.0.0.0/8 ${SEQUENCE}`), '10.0.0.0/8'],
    ['of one port', rule('-p tcp -m pknock --knockports 4002 --time 10 --name SSH'), '3 to 16 steps'],
    ['whose ports count up', rule('-p tcp -m pknock --knockports 1,2,3 --time 10 --name SSH'), 'plain scan'],
    ['of too large a number', rule('-p tcp -m pknock --knockports 1,99999,3 --time 10 --name SSH'), 'cannot be read'],
    ['without -p', rule('-m pknock --knockports 9000,1000,3000 --time 10 --name SSH', '-j DROP'), 'no -p tcp'],
    ['without a name', rule('-p tcp -m pknock --knockports 9000,1000,3000 --time 10'), 'no --name'],
    ['without a time', rule('-p tcp -m pknock --knockports 9000,1000,3000 --name SSH'), 'no --time'],
    ['turned round', rule(SEQUENCE.replace('-m pknock', '-m pknock !')), 'a word that is not understood'],
    ['with an unknown option', rule(`${SEQUENCE} --burst 3`), '--burst'],
    ['with an option twice', rule(`${SEQUENCE} --time 11`), '--time occurs twice'],
    ['with nothing that it opens', rule(SEQUENCE, '-j DROP'), 'no rule of the name SSH'],
    ['with a range', rule(SEQUENCE, '-m tcp --dport 20:30 -j ACCEPT'), 'tcp/20-30'],
    ['of a variable', rule(SEQUENCE.replace('SSH', '$NAME')), 'a shell'],
    ['with a variable in front', `S=S3cret iptables ${rule(SEQUENCE)}`, 'S=…'],
    ['with a secret of two words', HMAC.replace('S3cret', 'X S3cret'), 'a word that is not understood'],
    ['with a value too few', rule('-p tcp -m pknock --name --opensecret S3cret'), '--name has no value'],
    ['with a mistyped secret', rule(`${SEQUENCE} --opensecrets S3cret`), 'cannot check --opensecrets'],
    ['for another table', `iptables -t nat ${rule(SEQUENCE)}`, 'table nat'],
  ])('are left out %s, and the line is named', (_, text, why) => {
    const { doors, notes } = imported(text);
    expect([doors, notes.join('\n')]).toEqual([0, expect.stringContaining(why)]);
    expect(notes.every((note) => /^rules:\d+: /.test(note))).toBe(true);
  });

  it('a name counts once, and other lines are not about them', () => {
    const found = imported(
      `modprobe xt_pknock\n# -m pknock\n[0:0] ${rule(SEQUENCE)}${rule(SEQUENCE.replace('4002', '5002'))}`,
    );
    expect(found.opens).toHaveLength(1);
    expect(found.notes.join('\n')).toContain('rules:4: this rule is left out: an earlier one has the name SSH');
  });
});
