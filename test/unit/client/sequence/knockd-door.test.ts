import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inEnglish } from '../../../../src/base/phrase.ts';
import { Problem } from '../../../../src/base/problem.ts';
import { parseSequenceHost } from '../../../../src/client/sequence/host.ts';
import { importKnockdDoors } from '../../../../src/client/sequence/knockd-door.ts';

const FILE = 'knockd.conf';
const doors = (text: string) =>
  importKnockdDoors(text, FILE).map((door) => ({ ...door, notes: door.notes.map(inEnglish) }));
const hostOf = (fields: Readonly<Record<string, unknown>>) =>
  parseSequenceHost('door', { address: '192.0.2.1', ...fields }, 'here', 'file');

/** As Debian's package ships it, in our own words. */
const USUAL = `
[options]
	UseSyslog

[openSSH]
	sequence    = 7000,8000:udp,9000
	seq_timeout = 5
	command     = /sbin/iptables -A INPUT -s %IP% -p tcp --dport 2222 -j ACCEPT
	tcpflags    = syn

[closeSSH]
	sequence    = 9000,8000,7000
	command     = /sbin/iptables -D INPUT -s %IP% -p tcp --dport 2222 -j ACCEPT
`;

const TWO = 'command = iptables -A INPUT -s %IP% -p tcp --dport 22 -j ACCEPT';

describe('a knockd.conf, for who knocks', () => {
  it('gives each door that opens as a host', () => {
    const [open, close] = doors(USUAL);
    expect(open).toMatchObject({
      name: 'openSSH',
      fields: { steps: '7000:tcp 8000:udp 9000:tcp', ports: ['tcp/2222'], family: 'ipv4' },
    });
    expect(hostOf(open?.fields ?? {}).sequence).toMatchObject({ kind: 'fixed', steps: [{}, { protocol: 'udp' }, {}] });
    expect(close?.fields).toEqual({});
  });

  it('tells faults of the whole file with the door that is chosen, those of one kind a few times, and counts the rest', () => {
    const many = (count: number, line: (i: number) => string) =>
      Array.from({ length: count }, (_, i) => line(i)).join('');
    const text = `[options]\n${many(10_000, (i) => `x${i} = 1\n`)}${many(10_000, (i) => `[door${i}]\nsequence = 7,8,9\n`)}`;
    const found = doors(text);
    expect(found).toHaveLength(10_000);
    expect(found.at(-1)?.notes.length).toBeLessThan(50);
    expect(found.at(-1)?.notes).toContain(`${FILE}: … and 9980 more lines like that of line 21`);
    expect(doors(`[a]\nsequence = 7,8,9\n${']\n'.repeat(22_000)}`)[0]?.notes.length).toBeLessThan(60);
  });

  it('names every line that it does not carry over', () => {
    expect(doors(USUAL)[0]?.notes.map((note) => note.replace(/: .*/, ''))).toEqual([
      `${FILE}:3`,
      `${FILE}:7`,
      `${FILE}:8`,
    ]);
  });

  it.each([
    ['a list of sequences', 'one_time_sequences = /etc/list', ':2: [a] has a list'],
    ['a list beside a sequence', 'one_time_sequences = /etc/list\nsequence = 1,9,3', ':2: [a] has a list'],
    ['no sequence', 'command = x', ':1: [a] has no sequence'],
    ['a port that is none', 'sequence = 1,x', ':2: "1,x" is not a sequence'],
    ['flags that take root', 'sequence = 1,2\ntcpflags = fin', ':3: tcpflags = fin: only root'],
    ['flags that are none', 'sequence = 1,2\ntcpflags = x', ':3: tcpflags = x: only root'],
  ])('gives nothing to knock at, and says why, for %s', (_, lines, words) => {
    const [door] = doors(`[a]\n${lines}`);
    expect(door?.fields.steps).toBeUndefined();
    expect(door?.notes.join('\n')).toContain(`${FILE}${words}`);
  });

  it.each([
    ['tcpflags = syn,!ack', {}],
    ['target = 192.0.2.7', { address: '192.0.2.7' }],
    ['command = nft add rule inet filter input udp dport 53 accept', { ports: ['udp/53'] }],
    ['command = ufw allow from %IP% to any port 2222 proto tcp', { ports: ['tcp/2222'] }],
    ['command = /usr/local/sbin/knock_add -i -c INPUT -p tcp -d 8443 -f %IP%', { ports: ['tcp/8443'], family: 'ipv4' }],
    [
      `${TWO} && iptables -A INPUT -s %IP% -p udp --dport 51820 -j ACCEPT`,
      { ports: ['tcp/22', 'udp/51820'], family: 'ipv4' },
    ],
    [`${TWO.replace('INPUT', 'FORWARD')}`, { ports: ['tcp/22'], family: 'ipv4' }],
    ['command = iptables -A INPUT -s %IP% -p tcp --dport ssh -j ACCEPT', { ports: ['tcp/22'], family: 'ipv4' }],
    [`${TWO}\nstart_command_6 = ip6tables x`, { ports: ['tcp/22'] }],
    ['command = x\nstart_command_6 =', { family: 'ipv4' }],
  ])('carries over %j', (lines, fields) => {
    expect(doors(`[a]\nsequence = 1:UDP\n${lines}`)[0]?.fields).toEqual({ steps: '1:udp', ...fields });
  });

  it.each([
    ['stop_command = x', 'stop_command is'],
    ['cmd_timeout = 7', 'cmd_timeout = 7'],
    ['target = somewhere', 'target = somewhere'],
    ['sequence = 5', 'sequence is set twice'],
    ['command = open', 'what [a] opens is unknown'],
    ['timeout = 15 # seconds', 'timeout = 15: the whole sequence'],
  ])('says what it leaves out of %j', (line, words) => {
    expect(doors(`[a]\nsequence = 1,2\n${line}`)[0]?.notes.join('\n')).toContain(words);
  });

  it('needs no flags where every step is UDP', () => {
    expect(doors('[a]\nsequence = 1:udp,2:udp\ntcpflags = fin')[0]?.fields.steps).toBe('1:udp 2:udp');
  });

  it('gives fields that the hosts file takes, or none, and lines without control characters, whatever is in it', () => {
    const key = fc.constantFrom('sequence', 'tcpflags', 'command', 'start_command_6', 'target', 'seq_timeout', 'x', '');
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(
          fc.constantFrom('7000', '0', ',', ':udp', 'syn', '!', '-p tcp', '--dport 22', '"', '\\', '$(x)', '192.0.2.1'),
        )
        .map((words) => words.join('')),
    );
    const line = fc.tuple(key, value).map(([a, b]) => `${a} = ${b}`);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.array(line), (name, lines) => {
        for (const door of doors([`[${name}]`, ...lines].join('\n'))) {
          for (const note of door.notes) expect(note).toMatch(/^knockd\.conf:[0-9]+: [^\p{C}]*$/u);
          if (door.fields.steps === undefined) continue;
          try {
            hostOf(door.fields);
          } catch (error) {
            // Too many ports to knock at, or a port that a command names and that does not exist.
            if (!(error instanceof Problem)) throw error;
            expect(error.text.why).toContain('steps');
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});
