import { describe, expect, it } from 'vitest';
import { parseGateConfig } from '../../../../server-helper/config/gate-config.ts';
import { planOf } from '../../../../server-helper/config/plan.ts';
import { formatStep } from '../../../../src/sequence/step.ts';
import { ALICE, FILE, SHORTEST } from '../support.ts';

const GOOD = ['name = "door"', 'steps = ["tcp/7003", "udp/7001", "tcp/7005"]'];
const sequence = (...lines: string[]) => `[[sequence]]\n${lines.join('\n')}\n`;
const gate = (settings: string) => `[gate]\n${settings}\n`;
const parse = (text: string) => parseGateConfig(text, FILE);

describe('a [[sequence]]', () => {
  it('opens all single ports for the usual time unless it says otherwise', () => {
    const { sequences } = parse(gate('ports = ["tcp/22", "tcp/80-90"]\ngrant = 20') + sequence(...GOOD));
    expect(sequences).toMatchObject([{ name: 'door', stepTimeout: 5, grant: 20, ports: [{ port: 22 }], sources: [] }]);
  });

  it.each([
    ['no name', sequence(GOOD[1] ?? ''), 'a [[sequence]] needs a name'],
    ['no steps', sequence('name = "door"'), '3 to 16 steps, this one has 0'],
    ['a step that is none', sequence('name = "door"', 'steps = ["tcp/22-24", "tcp/1", "tcp/3"]'), 'a step such as'],
    ['a run', sequence('name = "door"', 'steps = ["tcp/1", "tcp/2", "tcp/3"]'), 'plain scan'],
    ['a knock port', sequence('name = "door"', 'steps = ["tcp/1", "udp/443", "tcp/3"]'), 'udp/443 is a knock port'],
    ['a port that is not hidden', sequence(...GOOD, 'ports = ["tcp/80"]'), 'tcp/80 is not among the ports'],
    ['a range', sequence(...GOOD, 'ports = ["tcp/20-30"]'), 'one port such as'],
    ['a grant above the longest', sequence(...GOOD, 'grant = 301'), 'from 1 to 300'],
    ['another key', sequence(...GOOD, 'command = "x"'), 'unknown key command'],
    ['a name twice', sequence(...GOOD) + sequence('name = "door"', 'steps = ["tcp/1", "tcp/9", "tcp/3"]'), 'is taken'],
    [
      'the beginning of another',
      sequence(...GOOD) + sequence('name = "d"', 'steps = ["tcp/7003", "udp/7001", "tcp/7005", "tcp/1"]'),
      'begin alike',
    ],
    ['one bracket', '[sequence]\nname = "door"\n', 'write [[sequence]], with two brackets'],
  ])('is refused with %s', (_, text, words) => {
    expect(() => parse(gate('') + text)).toThrow(words);
  });

  it('may have conditions on its packets', () => {
    const steps = ['icmp:length=100', 'udp/7001:length=32-40:sport=53', 'tcp/7005:after=500ms:within=3s'];
    const { sequences } = parse(gate('') + sequence('name = "door"', `steps = ${JSON.stringify(steps)}`));
    expect(sequences[0]?.steps.map(formatStep)).toEqual(steps);
  });

  const FIRST = ['name = "door"', 'steps = ["tcp/7003", "udp/7001:length=5-9", "tcp/7005"]'];
  it.each([
    ['a length that no datagram has', 'udp/7001:length=65508', 'length= from 0 to 65507'],
    ['a length that no SYN has', 'tcp/7001:length=19', 'length= from 20 to 65515'],
    ['a range that ends before it begins', 'udp/7001:length=9-5', 'length= from 0 to 65507, or a range'],
    ['a source port that is none', 'udp/7001:sport=0', 'sport= from 1 to 65535'],
    ['an echo request from a port', 'icmp:length=9:sport=5', 'no sport=: an echo request comes from no port'],
    ['a shortest time above the longest', 'udp/7001:after=3s:within=2s', 'after= below within='],
    ['a shortest time above step_timeout', 'udp/7001:after=5s', 'never counts: step_timeout is over after 5 s'],
    ['a time above a minute', 'udp/7001:within=61s', 'a time from 1ms to 60s'],
    ['a condition twice', 'udp/7001:length=1:length=2', 'each of length=, sport=, after=, within= once'],
    ['an unknown condition', 'udp/7001:ttl=5', 'each of length=, sport=, after=, within= once'],
  ])('is refused with %s, by field and line', (_, step, words) => {
    const refused = () => parse(gate('') + sequence('name = "door"', `steps = ["tcp/7003", "${step}", "tcp/7005"]`));
    expect(refused).toThrow(words);
    expect(refused).toThrow(/gate\.toml:5: (steps: )?"?(udp|tcp|icmp)/);
  });

  it.each([
    ['a time of the first step', ['tcp/1:after=1s', 'tcp/9', 'tcp/3'], 'no previous one'],
    ['pings of any length', ['icmp', 'tcp/9', 'icmp', 'tcp/3'], 'beside pings of any length a sequence has 3 steps'],
    ['one packet that could be two steps', ['tcp/9', 'udp/3:length=1-5', 'udp/3:length=5'], 'follows itself'],
  ])('is refused with %s', (_, steps, words) => {
    expect(() => parse(gate('') + sequence('name = "d"', `steps = ${JSON.stringify(steps)}`))).toThrow(words);
  });

  it.each([
    ['udp/7001', 'one packet could be udp/7001 and udp/7001:length=5-9'],
    ['udp/7001:length=9', 'one packet could be udp/7001:length=9 and udp/7001:length=5-9'],
    ['udp/7002:within=2s', 'the same after= and within='],
    ['udp/7001:length=4', undefined],
    ['udp/7002', undefined],
  ])('is held against others that begin alike: %s', (step, words) => {
    const other = sequence('name = "other"', `steps = ["tcp/7003", "${step}", "tcp/7006"]`);
    const read = () => parse(gate('') + sequence(...FIRST) + other).sequences.length;
    if (words === undefined) expect(read()).toBe(2);
    else expect(read).toThrow(words);
  });

  it('needs single ports to open', () => {
    expect(() => parse(gate('ports = ["tcp/*"]') + sequence(...GOOD))).toThrow('opens single ports');
  });
});

describe('a sequence_key_file', () => {
  const client = (more = '') => `[[client]]\nname = "alice"\nkey = "${ALICE.key}"\nsequence_key_file = "/key"\n${more}`;

  it.each([
    ['a knock port among its steps', gate('knock_ports = [20000]') + client(), 'among them the knock port 20000'],
    ['nothing but ranges to open', gate('ports = ["tcp/*"]') + client(), 'ports of alice are ranges only'],
    ['a path that depends on the daemon’s folder', gate('') + client().replace('"/key"', '"key"'), 'an absolute path'],
  ])('is refused with %s', (_, text, words) => {
    expect(() => parse(text)).toThrow(words);
  });

  it('has the kernel follow sequences, as a [[sequence]] does; without either it does not', () => {
    expect(planOf(parse(SHORTEST)).sequences).toBeUndefined();
    expect(planOf(parse(gate('') + client())).sequences).toEqual([]);
    expect(planOf(parse(gate('') + sequence(...GOOD))).sequences).toHaveLength(1);
  });
});

describe('an action of a sequence', () => {
  const ACTION = '[[action]]\nname = "wake"\nopen = ["/bin/wake", "{source}"]\nuser = "nobody"\n';
  const door = (...more: string[]) => sequence(...GOOD, 'action = "wake"', ...more);
  const alice = (...more: string[]) => ['[[client]]', 'name = "alice"', `key = "${ALICE.key}"`, ...more, ''].join('\n');
  const once = alice('actions = ["wake"]', 'sequence_key_file = "/key"', 'sequence_action = "wake"');

  it('is named by the sequence, which opens nothing then but the ports that it names', () => {
    const { sequences } = parse(gate('') + door() + ACTION);
    expect(sequences).toMatchObject([{ name: 'door', action: 'wake', ports: [] }]);
    expect(parse(gate('') + door('ports = ["tcp/22"]') + ACTION).sequences[0]?.ports).toHaveLength(1);
    expect(parse(gate('') + sequence(...GOOD)).sequences[0]?.action).toBeUndefined();
  });

  it('is named by the client whose one-time sequences run it', () => {
    expect(parse(gate('') + once + ACTION).clients[0]?.sequenceAction).toBe('wake');
  });

  it('is told to the daemon by the group that it hears; a sequence without one is not', () => {
    const text = door() + sequence('name = "other"', 'steps = ["tcp/1", "tcp/9", "tcp/3"]') + ACTION;
    expect(planOf(parse(gate('nflog_group = 7') + text)).sequences?.map(({ log }) => log)).toEqual([
      { of: 'sequence', name: 'door', nflogGroup: 7 },
      undefined,
    ]);
  });

  it.each([
    ['that is not there', door(), 'door has wake run, and there is no [[action]]'],
    ['whose name is none', sequence(...GOOD, 'action = "$(id)"'), 'action'],
    ['where nobody would hear of it', `${gate('capture = "socket"')}${door()}${ACTION}`, 'a bound socket hears of no'],
    ['of a one-time sequence likewise', `${gate('capture = "socket"')}${once}${ACTION}`, 'a bound socket hears of no'],
    ['beside a client of that name', alice().replace('alice', 'door') + door() + ACTION, 'the name door is taken by'],
    ['that is not the client’s', once.replace('actions = ["wake"]\n', '') + ACTION, 'is not among its actions: wake'],
    ['without a key', once.replace('sequence_key_file = "/key"\n', '') + ACTION, 'needs a sequence_key_file'],
  ])('is refused %s', (_, text, words) => {
    expect(() => parse(text.startsWith('[gate]') ? text : gate('') + text)).toThrow(words);
  });
});
