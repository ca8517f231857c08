import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseGateConfig } from '../../../../server-helper/config/gate-config.ts';
import { showImported } from '../../../../server-helper/import/imported.ts';
import { importKnockd } from '../../../../server-helper/import/knockd.ts';
import { formatNetwork } from '../../../../src/base/addresses.ts';

const FILE = 'knockd.conf';
const GATE = '[gate]\nports = ["tcp/22", "udp/1194"]\n';
const imported = (text: string) => importKnockd(text, FILE);
const configOf = (text: string) => parseGateConfig(`${GATE}${showImported(imported(text))}\n`, 'gate.toml');
const sequencesOf = (text: string) => configOf(text).sequences;

/** As Debian's package ships it, in our own words. */
const USUAL = `
[options]
	UseSyslog

[openSSH]
	sequence    = 7000,8000,9000
	seq_timeout = 5
	command     = /sbin/iptables -A INPUT -s %IP% -p tcp --dport 22 -j ACCEPT
	tcpflags    = syn

[closeSSH]
	sequence    = 9000,8000,7000
	seq_timeout = 5
	command     = /sbin/iptables -D INPUT -s %IP% -p tcp --dport 22 -j ACCEPT
	tcpflags    = syn
`;

const OPEN = 'command = /sbin/iptables -A INPUT -s %IP% -p tcp --dport 22 -j ACCEPT';

describe('a knockd.conf', () => {
  it('has as many names as doors, also where knockd has one for several', () => {
    const door = (name: string, first: number) =>
      `[${name}]\nsequence = ${first},8000,9000\ncommand = iptables -A INPUT -s %IP% -p tcp --dport 22 -j ACCEPT\n`;
    const long = 'x'.repeat(40);
    const text = [
      door('door', 7000),
      door('door', 7001),
      door('a b', 7002),
      door('a-b', 7003),
      door(long, 7004),
      door(long, 7005),
    ];
    const names = sequencesOf(text.join('')).map(({ name }) => name);
    expect(names).toEqual(['door', 'door-2', 'a-b', 'a-b-2', 'x'.repeat(32), `${'x'.repeat(30)}-2`]);
  });

  it('gives a sequence for each door that it opens, which gate.toml takes', () => {
    expect(sequencesOf(USUAL)).toMatchObject([
      {
        name: 'openSSH',
        steps: [7000, 8000, 9000].map((port) => ({ protocol: 'tcp', port })),
        stepTimeout: 5,
        ports: [{ protocol: 'tcp', port: 22 }],
      },
    ]);
  });

  it('names every line that it does not carry over', () => {
    expect(imported(USUAL).notes.map((note) => note.split(': ')[0])).toEqual([
      `${FILE}:3`,
      `${FILE}:5`,
      `${FILE}:7`,
      `${FILE}:8`,
      `${FILE}:8`,
      `${FILE}:11`,
    ]);
  });

  it('may name protocols, a start and a stop', () => {
    const door = `[my door!]\r\nSequence = 1:udp, 300:TCP,2:udp\r\nstart_command = nft add rule x input udp dport 1194 accept\r\ncmd_timeout = 10\r\nstop_command = x\r\n`;
    const { notes } = imported(door);
    expect(sequencesOf(door)).toMatchObject([
      {
        name: 'my-door',
        grant: 10,
        ports: [{ protocol: 'udp', port: 1194 }],
        steps: [{ protocol: 'udp', port: 1 }, { port: 300 }, {}],
      },
    ]);
    expect(notes.join('\n')).toMatch(/is called my-door here[\s\S]*stop_command is not run/);
  });

  it('gives an action for a command that opens nothing, with the address as one argument, and as nobody', () => {
    const door = [
      '[wake NAS]',
      'sequence = 7000,9000:udp,8000',
      'start_command = /usr/bin/wakeonlan  --for=%IP% 00:11:22:33:44:55 %IP%',
      'cmd_timeout = 60',
      'stop_command = /usr/local/sbin/nas-off -D %IP%',
      'start_command_6 =',
    ].join('\n');
    const { sequences, actions } = configOf(door);
    expect(sequences).toMatchObject([{ name: 'wake-NAS', action: 'wake-NAS', ports: [], grant: 60 }]);
    expect(actions).toMatchObject([
      {
        name: 'wake-NAS',
        open: ['/usr/bin/wakeonlan', '--for={source}', '00:11:22:33:44:55', '{source}'],
        close: ['/usr/local/sbin/nas-off', '-D', '{source}'],
        user: 'nobody',
      },
    ]);
    expect(imported(door).notes.join('\n')).toMatch(
      /:3: .* run as nobody where knockd ran it as root[\s\S]*start_command_6 is left/,
    );
  });

  it.each([
    ['a variable', '/bin/mail $USER', 'needs a shell for “$”'],
    ['a pipe', '/bin/x %IP% | /bin/y', 'needs a shell for “|”'],
    ['two programs', '/bin/x %IP%; /bin/y', 'an action runs one program'],
    ['a redirection', '/bin/x >> /tmp/log', 'writes into a file'],
    ['a placeholder of ours', '/bin/x {client}', 'it has braces'],
    ['a pattern', '/bin/rm /tmp/*', 'needs a shell for “*”'],
    ['a program without its path', 'wakeonlan 00:11', 'absolute path'],
    ['a program that the address would name', '/bin/%IP%', 'absolute path'],
  ])('gives nothing for a command with %s, and says why', (_, command, words) => {
    const { toml, notes } = imported(`[a]\nsequence = 1,9,3\ncommand = ${command}`);
    expect(toml).toBe('');
    expect(notes.join('\n')).toContain(words);
  });

  it('leaves out a stop that needs a shell, and carries over the start', () => {
    const door = '[a]\nsequence = 1,9,3\ncommand = /bin/x\nstop_command = /bin/x && /bin/y';
    expect(configOf(door).actions).toMatchObject([{ open: ['/bin/x'], close: undefined }]);
    expect(imported(door).notes.join('\n')).toContain(
      `${FILE}:4: stop_command is not carried over: it is not one program`,
    );
  });

  it('gives an action whose words are those of the command, each as long as a shell would have had it, or none', () => {
    const word = fc.oneof(
      fc.stringMatching(/^[A-Za-z0-9_@%+=:,./-]{1,8}$/),
      fc.constantFrom('%IP%', '--from=%IP%', '$(id)', '`id`', 'a;b', '*', '~', '{source}', '&', '#', 'é'),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (words) => {
        const door = `[a]\nsequence = 1,9,3\ncommand = /opt/x ${words.join(' ')}`;
        const { actions, sequences } = configOf(door);
        const comment = words.indexOf('#');
        const before = comment < 0 ? words : words.slice(0, comment);
        const isPlain = before.every((each) => /^[A-Za-z0-9_@%+=:,./é-]+$/.test(each));
        expect(actions.map(({ open }) => open)).toEqual(
          isPlain ? [['/opt/x', ...before.map((each) => each.replaceAll('%IP%', '{source}'))]] : [],
        );
        expect(sequences).toHaveLength(isPlain ? 1 : 0);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['a run', '[a]\nsequence = 1,2,3\ncommand = x', ':2: [a] is left out: the steps count up'],
    ['a port that is unreadable', '[a]\nsequence = 1,x,3', ':2: [a] is left out: "x" is not a port'],
    ['a port above all', '[a]\nsequence = 1,70000,3', ':2: [a] is left out: "70000" is not a port'],
    ['no sequence', '[a]\ncommand = x', ':1: [a] has no sequence'],
    ['a list of sequences', '[a]\none_time_sequences = /etc/list', ':2: [a] has a list of sequences'],
    [
      'a list of sequences beside a sequence',
      `[a]\nsequence = 1,9,3\none_time_sequences = /etc/list\n${OPEN}`,
      ':3: [a] has a list of sequences, and is left out',
    ],
    ['a line outside', 'sequence = 1,2,3', ':1: is outside any section'],
    [
      'no time to knock',
      `[a]\nsequence = 1,9,3\nseq_timeout = 0\n${OPEN}`,
      ':3: [a] is left out: with seq_timeout = 0',
    ],
    [
      'no time to get in',
      `[a]\nsequence = 1,9,3\n${OPEN}\ncmd_timeout = 0\nstop_command = x`,
      ':4: [a] is left out: it is shut as soon',
    ],
  ])('gives nothing, and says why, for %s', (_, text, words) => {
    const { toml, notes } = imported(text);
    expect(toml).toBe('');
    expect(notes.join('\n')).toContain(`${FILE}${words}`);
  });

  it.each(['syn', 'SYN,!ack', 'syn, !rst'])('says nothing of tcpflags = %s, which a SYN alone has', (flags) => {
    const { notes } = imported(`[a]\nsequence = 1,9,3\n${OPEN}\ntcpflags = ${flags}`);
    expect(notes.join('\n')).not.toContain('tcpflags');
  });

  it.each([
    ['flags other than SYN', 'tcpflags = fin', 'always a SYN'],
    ['flags that are none', 'tcpflags = ecn', 'always a SYN'],
    ['a key of its own', 'colour = red', 'colour is not a key of knockd'],
    ['a time without an end', 'cmd_timeout = 7', 'cmd_timeout has no effect without a stop_command'],
    ['a day', 'cmd_timeout = 86400', '86400 seconds become grant = 300: for more, raise longest_grant'],
    ['an hour to knock', 'seq_timeout = 3600', '3600 seconds become step_timeout = 60'],
    ['a command that opens everything', 'command_6 =', 'every single port that the gate hides'],
  ])('says so where it means %s', (_, line, words) => {
    const command = 'command = /sbin/iptables -A INPUT -s %IP% -j ACCEPT';
    expect(imported(`[a]\nsequence = 1,9,3\n${command}\n${line}`).notes.join('\n')).toContain(words);
  });

  it.each([
    ['/sbin/iptables -I INPUT -s %IP% -j DROP', 'it blocks (DROP)'],
    ['/sbin/iptables -I INPUT -s %IP% -p icmp -j ACCEPT', 'the protocol icmp'],
    ['/sbin/iptables -I FORWARD -s %IP% -d 10.0.0.9 -p tcp --dport 22 -j ACCEPT', 'its chain FORWARD'],
    ['/sbin/iptables -A INPUT -s 10.0.0.1 -p tcp --dport 22 -j ACCEPT', 'not who has knocked'],
    ['/sbin/iptables -I INPUT -s %IP% -p tcp -j ACCEPT', 'every port of TCP'],
    [
      '/sbin/iptables -I INPUT -s %IP% -p udp --dport 60000:61000 -j ACCEPT',
      'udp/60000-61000, and a sequence opens single ports',
    ],
    ['/opt/check %IP% && /sbin/iptables -A INPUT -s %IP% -p tcp --dport 22 -j ACCEPT', 'only when the command before'],
    ['/sbin/iptables -I INPUT 1 -s %IP% -j ACCEPT; sleep 10; /sbin/iptables -D INPUT 1', 'by its number'],
    ['', 'no command'],
  ])('never opens more than knockd did: %s', (command, why) => {
    const { toml, doors, notes } = imported(`[a]\nsequence = 1,9,3\ncommand = ${command}`);
    expect([toml, doors]).toEqual(['', 0]);
    expect(notes.join('\n')).toContain(why);
  });

  it.each([
    ['-m time --timestart 08:00 --timestop 18:00', '-m time --timestart 08:00 --timestop 18:00'],
    ['-m mac --mac-source 02:00:00:00:00:01', '-m mac --mac-source 02:00:00:00:00:01'],
    ['-i eth1 -d 198.51.100.7', '-i eth1 -d 198.51.100.7'],
  ])('comes out as comments where knockd asks for more, which is named: %s', (words, condition) => {
    const text = `[a]\nsequence = 1,9,3\n${OPEN.replace('-p', `${words} -p`)}`;
    const { toml, doors, notes } = imported(text);
    expect(doors).toBe(0);
    expect(toml).toMatch(/^# \[\[sequence\]\]\n(# .*\n)+$/);
    expect(sequencesOf(text)).toEqual([]);
    expect(notes.join('\n')).toContain(`${FILE}:3: [a] opens only with “${condition}”`);
    // Somebody who has looked takes the marks away.
    const looked = `${GATE}${toml.replaceAll('# ', '')}`;
    expect(parseGateConfig(looked, 'gate.toml').sequences).toMatchObject([{ ports: [{ protocol: 'tcp', port: 22 }] }]);
  });

  it('comes out as comments where knockd hears knocks at another address', () => {
    const { doors, notes } = imported(`[a]\nsequence = 1,9,3\n${OPEN}\ntarget = 192.0.2.1`);
    expect(doors).toBe(0);
    expect(notes.join('\n')).toContain(`${FILE}:4: [a] hears knocks at 192.0.2.1 only`);
  });

  it('reads numbers, comments, second names and defaults as knockd does', () => {
    const text = [
      `[door]\nsequence = 7,9,8493 # mine\nseq_timeout = 15 # seconds\ncmd_timeout = 60 # one minute\nstop_command = x\n${OPEN}`,
      `[alias]\nsequence = 17,9, 3:UDP\ntimeout = 12\n${OPEN}`,
      `[bare]\nsequence = 27,9,3\nstop_command = x\n${OPEN}`,
    ].join('\n');
    expect(sequencesOf(text)).toMatchObject([
      { stepTimeout: 15, grant: 60, steps: [{}, {}, { protocol: 'tcp', port: 8493 }] },
      { stepTimeout: 12, steps: [{}, {}, { protocol: 'udp', port: 3 }] },
      { stepTimeout: 25, grant: 10 },
    ]);
    const notes = imported(text).notes.join('\n');
    expect(notes).toContain(`${FILE}:9: timeout is for all steps together`);
    expect(notes).toContain('[bare] has no seq_timeout, for which knockd takes 25 seconds');
    expect(notes).toContain('[bare] has no cmd_timeout, for which knockd takes 10 seconds');
    expect(notes).toContain('knockd leaves [alias] open');
  });

  it('is open for no longer than a stop command of either family lets it', () => {
    const six = OPEN.replace('command', 'start_command_6').replace('iptables', 'ip6tables');
    const grantOf = (...lines: string[]) =>
      sequencesOf(`[a]\nsequence = 1,9,3\n${OPEN}\n${six}\n${lines.join('\n')}`)[0]?.grant;
    expect(grantOf('stop_command_6 = x')).toBe(10);
    expect(grantOf('stop_command =', 'stop_command_6 = x')).toBe(10);
    expect(grantOf('stop_command =', 'stop_command_6 =')).toBe(30);
    expect(grantOf('cmd_timeout = 7', 'stop_command_6 = x')).toBe(7);
  });

  it('opens for the family of addresses that its command is for', () => {
    const six = OPEN.replace('command', 'start_command_6').replace('iptables', 'ip6tables');
    const sourcesOf = (...lines: string[]) =>
      sequencesOf(`[a]\nsequence = 1,9,3\n${lines.join('\n')}`)[0]?.sources.map(formatNetwork);
    expect(sourcesOf(OPEN)).toEqual(['0.0.0.0/0']);
    expect(sourcesOf(OPEN, six)).toEqual([]);
    expect(sourcesOf(OPEN, 'start_command_6 =')).toEqual(['0.0.0.0/0']);
    expect(sourcesOf(six)).toEqual(['::/0']);
    expect(sourcesOf('command = ufw allow from %IP% to any port 22 proto tcp')).toEqual([]);
    expect(sourcesOf(OPEN, six.replace('22', '1194'))).toEqual(['0.0.0.0/0']);
    expect(imported(`[a]\nsequence = 1,9,3\n${OPEN}\n${six.replace('22', '1194')}`).notes.join('\n')).toContain(
      `${FILE}:4: [a] does something else for IPv6, which is left out`,
    );
  });

  it('runs its program for the family of addresses that its command is for', () => {
    const sourcesOf = (...lines: string[]) =>
      sequencesOf(`[a]\nsequence = 1,9,3\n${lines.join('\n')}`)[0]?.sources.map(formatNetwork);
    const run = 'command = /opt/wake %IP%';
    const six = OPEN.replace('command', 'start_command_6').replace('iptables', 'ip6tables');
    expect(sourcesOf(run)).toEqual([]);
    expect(sourcesOf(run, 'start_command_6 = /opt/wake %IP%')).toEqual([]);
    expect(sourcesOf(run, six)).toEqual(['0.0.0.0/0']);
    expect(sourcesOf(run, 'start_command_6 =')).toEqual(['0.0.0.0/0']);
    expect(sourcesOf(run, 'stop_command = /opt/off', 'stop_command_6 = /opt/off-6')).toEqual(['0.0.0.0/0']);
    expect(sourcesOf(`${OPEN}; /opt/tell`, six)).toEqual(['0.0.0.0/0']);
    expect(sourcesOf(`${OPEN}; /opt/tell`, `${six}; /opt/tell`)).toEqual([]);
    expect(imported(`[a]\nsequence = 1,9,3\n${run}\n${six}`).notes.join('\n')).toContain(
      `${FILE}:4: [a] does something else for IPv6, hence sources = ["0.0.0.0/0"]`,
    );
  });

  it('opens all that several commands open, and runs the program among them', () => {
    const more = `${OPEN} && /sbin/iptables -A INPUT -s %IP% -p udp --dport 1194 -j ACCEPT; /opt/tell "a b" %IP%; logger %IP%`;
    const text = `[a]\nsequence = 1,9,3\n${more}\nstop_command = /sbin/iptables -D INPUT 1; /opt/tell-off`;
    const { sequences, actions } = configOf(text);
    expect(sequences).toMatchObject([{ ports: [{ port: 22 }, { port: 1194 }], action: 'a', grant: 10 }]);
    expect(actions).toMatchObject([{ open: ['/opt/tell', 'a b', '{source}'], close: ['/opt/tell-off'] }]);
    expect(imported(text).notes.join('\n')).toContain('also does this, which is left out: logger %IP%');
    const two = imported(`[a]\nsequence = 1,9,3\n${OPEN}; /opt/x; /opt/y`);
    expect(two.toml).not.toContain('action');
    expect(two.notes.join('\n')).toContain('[a] runs this, which is not carried over: /opt/x');
  });

  it('says which port a name was taken for', () => {
    const text = `[a]\nsequence = 1,9,3\n${OPEN.replace('22', 'ssh')}`;
    expect(imported(text).notes.join('\n')).toContain('ssh is taken to be port 22: see /etc/services of that server');
  });

  it('tells faults of one kind a few times, and counts the rest', () => {
    const { notes, doors } = imported(`[a]\nsequence = 1,9,3\n${OPEN}\n${']\n'.repeat(22_000)}`);
    expect(doors).toBe(1);
    expect(notes.length).toBeLessThan(60);
    expect(notes).toContain(`${FILE}: … and 21979 more lines like that of line 24`);
    const many = Array.from({ length: 3000 }, (_, i) => `[s${i}]\nsequence = x\n`).join('');
    expect(imported(many).notes.length).toBeLessThan(60);
  });

  it('gives a sequence that gate.toml takes, or none, whatever is in any field', () => {
    const field = fc.constantFrom(
      'sequence',
      'seq_timeout',
      'tcpflags',
      'command',
      'start_command',
      'stop_command',
      'cmd_timeout',
      'one_time_sequences',
      'target',
      'start_command_6',
    );
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.integer().map(String),
      fc
        .array(
          fc.constantFrom(
            '/bin/x ',
            '7000',
            '65536',
            '0',
            '07',
            ',',
            ':udp',
            ':icmp',
            '-p tcp',
            '--dport 99999',
            '"',
            '\\',
            '%IP%',
          ),
        )
        .map((words) => words.join('')),
    );
    fc.assert(
      fc.property(field, value, (key, found) => {
        const text = `[a]\nsequence = 7000,9000:udp,8000\ncommand = nft add rule x input accept\n${key} = ${found}`;
        const { doors, notes } = imported(text);
        for (const note of notes) expect(note).toMatch(/^knockd\.conf:[0-9]+: [^\p{C}]*$/u);
        expect(sequencesOf(text)).toHaveLength(doors);
      }),
      { numRuns: 1000 },
    );
  });

  it('gives good TOML and no more than comments else, whatever is in it', () => {
    const word = fc.constantFrom(
      '[a\0]',
      '[a]',
      '[options]',
      'sequence',
      '=',
      '1,9,5',
      '7:udp',
      'command',
      'command = /bin/x',
      '"',
      "'",
      '\\',
      '\n',
      '#',
      '%IP%',
      ']',
      '--dport 22',
      '-p tcp',
      '$(x)',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(word).map((words) => words.join(' ')),
        ),
        (text) => {
          const { toml, notes } = imported(text);
          const names = new Set(toml.match(/^name = .*/gm));
          const doors = toml.match(/^\[\[sequence\]\]$/gm)?.length ?? 0;
          for (const note of notes) expect(note).not.toMatch(/[\r\n]/);
          if (names.size < doors) return;
          try {
            expect(sequencesOf(text)).toHaveLength(doors);
          } catch (error) {
            // Two doors that begin alike are for a person to tell apart.
            expect(String(error)).toContain('begin alike');
          }
        },
      ),
    );
  });
});
