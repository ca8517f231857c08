import { describe, expect, it } from 'vitest';
import { parseGateConfig } from '../../../../server-helper/config/gate-config.ts';
import { planOf } from '../../../../server-helper/config/plan.ts';
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
    ['a step that is none', sequence('name = "door"', 'steps = ["tcp/22-24", "tcp/1", "tcp/3"]'), 'one port such as'],
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
