import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseGateConfig } from '../../../../server-helper/config/gate-config.ts';
import { showImported } from '../../../../server-helper/import/imported.ts';
import { importKnockd } from '../../../../server-helper/import/knockd.ts';

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

  it('has every line that is not carried over named', () => {
    expect(imported(USUAL).notes.map((note) => note.split(': ')[0])).toEqual([
      `${FILE}:3`,
      `${FILE}:7`,
      `${FILE}:8`,
      `${FILE}:11`,
    ]);
  });

  it('may name protocols, a start and a stop', () => {
    const door = `[my door!]\r\nSequence = 1:udp, 300:TCP,2:udp\r\nstart_command = nft add rule x y udp dport 1194 accept\r\ncmd_timeout = 10\r\nstop_command = x\r\n`;
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
    ['a variable', '/bin/mail $USER', '"$" is a shell’s business'],
    ['a pipe', '/bin/x %IP% | /bin/y', '"|" is'],
    ['two commands', '/bin/x %IP%; /bin/y', '";" is'],
    ['quotation marks', '/bin/x "a b"', '"\\"" is'],
    ['a redirection', '/bin/x >> /tmp/log', '">" is'],
    ['a placeholder of ours', '/bin/x {client}', '"{" is'],
    ['a pattern', '/bin/rm /tmp/*', '"*" is'],
    ['a program without its path', 'wakeonlan 00:11', 'absolute path'],
    ['a program that the address would name', '/bin/%IP%', 'absolute path'],
  ])('gives nothing for a command with %s, and says why', (_, command, words) => {
    const { toml, notes } = imported(`[a]\nsequence = 1,9,3\ncommand = ${command}`);
    expect(toml).toBe('');
    expect(notes.join('\n')).toContain(words.replace('’', "'"));
  });

  it('has a stop that needs a shell left out, and the start carried over', () => {
    const door = '[a]\nsequence = 1,9,3\ncommand = /bin/x\nstop_command = /bin/x && /bin/y';
    expect(configOf(door).actions).toMatchObject([{ open: ['/bin/x'], close: undefined }]);
    expect(imported(door).notes.join('\n')).toContain(`${FILE}:4: stop_command is not carried over: "&" is`);
  });

  it('gives an action whose words are those of the command, each as long as a shell would have had it, or none', () => {
    const word = fc.oneof(
      fc.stringMatching(/^[A-Za-z0-9_@%+=:,./-]{1,8}$/),
      fc.constantFrom(
        '%IP%',
        '--from=%IP%',
        '$(id)',
        '`id`',
        'a;b',
        '"a',
        "'",
        '\\',
        '*',
        '~',
        '{source}',
        '&',
        '#',
        'é',
      ),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (words) => {
        const door = `[a]\nsequence = 1,9,3\ncommand = /opt/x ${words.join(' ')}`;
        const { actions, sequences } = configOf(door);
        const isPlain = words.every((each) => /^[A-Za-z0-9_@%+=:,./-]+$/.test(each));
        expect(actions.map(({ open }) => open)).toEqual(
          isPlain ? [['/opt/x', ...words.map((each) => each.replaceAll('%IP%', '{source}'))]] : [],
        );
        expect(sequences).toHaveLength(isPlain ? 1 : 0);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['a run', '[a]\nsequence = 1,2,3\ncommand = x', ':2: the steps count up'],
    ['a port that is none', '[a]\nsequence = 1,x,3', ':2: "x" is no port'],
    ['no sequence', '[a]\ncommand = x', ':1: [a] has no sequence'],
    ['a list of sequences', '[a]\none_time_sequences = /etc/list', ':2: [a] has a list of sequences'],
    ['a line outside', 'sequence = 1,2,3', ':1: stands outside'],
  ])('gives nothing, and says why, for %s', (_, text, words) => {
    const { toml, notes } = imported(text);
    expect(toml).toBe('');
    expect(notes.join('\n')).toContain(`${FILE}${words}`);
  });

  it.each([
    ['flags other than SYN', 'tcpflags = fin', 'always a SYN'],
    ['a target of its own', 'target = 192.0.2.1', 'target is left out'],
    ['a time that is none', 'cmd_timeout = never', 'become grant = 1'],
    ['a command that opens everything', 'command_6 =', 'every single port that the gate hides'],
  ])('says so where it means %s', (_, line, words) => {
    const command = 'command = /sbin/iptables -A INPUT -s %IP% -j ACCEPT';
    expect(imported(`[a]\nsequence = 1,9,3\n${command}\n${line}`).notes.join('\n')).toContain(words);
  });

  it.each([
    ['/sbin/iptables -I INPUT -s %IP% -j DROP', 'something else than let in'],
    ['/sbin/iptables -A INPUT -s %IP% -p tcp --dport 22 -j REJECT', 'something else than let in'],
    ['/sbin/iptables -t nat -A PREROUTING -s %IP% -p tcp --dport 22 -j DNAT --to 10.0.0.5:22', 'something else'],
    ['nft add element inet filter blocked { %IP% }', 'cannot be told'],
    ['nft add rule x y ip saddr %IP% drop', 'something else than let in'],
    ['ufw deny from %IP%', 'something else than let in'],
    ['/sbin/iptables -A INPUT -s 10.0.0.1 -p tcp --dport 22 -j ACCEPT', 'not about who has knocked'],
    ['/sbin/iptables -A INPUT ! -s %IP% -p tcp --dport 22 -j ACCEPT', 'not about who has knocked'],
    ['/sbin/iptables -A INPUT -s %IP% -p tcp -m multiport --dports 80,443 -j ACCEPT', 'cannot be told'],
    ['/sbin/iptables -A INPUT -s %IP% -p tcp --dport http -j ACCEPT', 'cannot be told'],
    ['ufw allow from %IP% to any port 80', 'cannot be told'],
    ['firewall-cmd --add-service=http', 'cannot be told'],
    ['', 'opened nothing'],
  ])('never opens more than knockd did: %s', (command, why) => {
    const { toml, notes } = imported(`[a]\nsequence = 1,9,3\ncommand = ${command}`);
    expect(toml).toBe('');
    expect(notes.join('\n')).toContain(why);
  });

  it.each([
    '/sbin/iptables -A INPUT --source=%IP% -p tcp --dport 22 --jump ACCEPT',
    '/usr/sbin/iptables -I INPUT 1 -s %IP%/32 -p tcp -m tcp --dport 22 -j ACCEPT',
    'nft add rule inet filter input ip saddr %IP% tcp dport 22 accept',
    'nft add rule inet filter input ip saddr { %IP% } tcp dport 22 accept',
    '/sbin/iptables -A INPUT -p tcp --dport 22 -j ACCEPT',
  ])('opens what knockd did: %s', (command) => {
    expect(sequencesOf(`[a]\nsequence = 1,9,3\ncommand = ${command}`)).toMatchObject([
      { ports: [{ protocol: 'tcp', port: 22 }] },
    ]);
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
        const text = `[a]\nsequence = 7000,9000:udp,8000\ncommand = nft add rule x y accept\n${key} = ${found}`;
        const { toml, notes } = imported(text);
        for (const note of notes) expect(note).toMatch(/^knockd\.conf:[0-9]+: [^\p{C}]*$/u);
        expect(sequencesOf(text)).toHaveLength(toml === '' ? 0 : 1);
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
