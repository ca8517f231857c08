import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { Prompts, Ran } from '../../../src/deploy/connection/remote.ts';
import { Sudo } from '../../../src/deploy/connection/sudo.ts';
import { problemOf } from '../support.ts';

const PASSWORD = 'correct horse';
const ran = (code: number, stdout = '', stderr = ''): Ran => ({ code, stdout, stderr });

/** A target whose sudo wants a password, or none, or is not there; `doas` and `doas-asks` have doas instead. */
function target(
  kind: 'root' | 'free' | 'password' | 'targetpw' | 'none' | 'doas' | 'doas-asks' | 'sudo-and-doas' | 'tty' | 'touch',
) {
  const calls: { argv: readonly string[]; stdin: string }[] = [];
  const run = async (argv: readonly string[], bytes: Uint8Array): Promise<Ran> => {
    let stdin = Buffer.from(bytes).toString();
    calls.push({ argv, stdin });
    const wantsRoot = argv[0] === 'sudo' || argv[0] === 'doas';
    const program = wantsRoot ? argv.slice(argv.indexOf('sh') + 1) : argv;
    if (argv[0] === 'doas') {
      if (kind === 'doas-asks') return ran(1, '', 'doas: Authorization required');
      if (kind !== 'doas' && kind !== 'sudo-and-doas') return ran(127);
    }
    if (argv[0] === 'sudo') {
      if (kind === 'none' || kind.startsWith('doas')) return ran(127);
      if (kind === 'sudo-and-doas') return ran(1, '', 'sudo: a password is required');
      if (kind === 'targetpw') {
        if (argv.includes('-n')) return ran(1, '', 'sudo: a password is required');
        // What `-p` says, `%p` filled in.
        if (!stdin.startsWith(`${PASSWORD}\n`)) return ran(1, '', argv[4]?.replace('%p', 'root'));
        stdin = stdin.slice(PASSWORD.length + 1);
      }
      if (kind === 'tty') return ran(1, '', 'sudo: sorry, you must have a tty to run sudo');
      if (kind === 'password') {
        if (argv.includes('-n')) return ran(1, '', 'sudo: a password is required');
        const [first = '', ...rest] = stdin.split('\n');
        if (first !== PASSWORD) return ran(1, '', 'sudo: no password was provided');
        stdin = rest.join('\n');
      }
      // Content with a security key: it reads no password.
      if (kind === 'touch' && argv.includes('-n')) return ran(1, '', 'sudo: a password is required');
      if (argv.includes('-S')) {
        const [first, ...rest] = stdin.split('\n');
        if (first !== 'knockgate') return ran(93);
        stdin = rest.join('\n');
      }
    }
    if (program[0] === 'id') return ran(0, wantsRoot || kind === 'root' ? '0\n' : '1000\n');
    return ran(0, stdin);
  };
  return { run, calls };
}

function prompts(...answers: (string | undefined)[]): Prompts & { asked: number; questions: string[] } {
  const self = {
    asked: 0,
    questions: [] as string[],
    secret: async (question: string) => {
      self.questions.push(question);
      return answers[self.asked++];
    },
    text: async () => undefined,
    confirm: async () => false,
  };
  return self;
}

const asRoot = async (kind: Parameters<typeof target>[0], asking: Prompts) => {
  const { run, calls } = target(kind);
  const sudo = new Sudo(run, asking, 'dev@prod');
  const first = await sudo.asRoot(['cat'], Buffer.from('one\ntwo\n'), 1000);
  return { first, calls, again: () => sudo.asRoot(['cat'], Buffer.from('three'), 1000) };
};

describe('becoming root', () => {
  it.each(['root', 'free', 'doas', 'sudo-and-doas'] as const)('asks for nothing: %s', async (kind) => {
    const asking = prompts();
    const { first } = await asRoot(kind, asking);
    expect(first.stdout).toBe('one\ntwo\n');
    expect(asking.asked).toBe(0);
  });

  it('asks for the password once, and gives it to the standard input of sudo only', async () => {
    const asking = prompts(PASSWORD);
    const { first, calls, again } = await asRoot('password', asking);
    expect(first.stdout).toBe('one\ntwo\n');
    expect((await again()).stdout).toBe('three');
    expect(asking.asked).toBe(1);
    expect(calls.flatMap(({ argv }) => argv).join(' ')).not.toContain(PASSWORD);
    // Each call that carries it forgets what sudo remembers: nobody but sudo reads it.
    for (const { argv } of calls.filter(({ stdin }) => stdin.includes(PASSWORD)))
      expect(argv.slice(0, 3)).toEqual(['sudo', '-k', '-S']);
  });

  it('says whose password it is where sudo wants that of root', async () => {
    const asking = prompts("dev's own", PASSWORD);
    await asRoot('targetpw', asking);
    expect(asking.questions).toEqual([
      expect.stringContaining('Password of dev@prod, for sudo:'),
      expect.stringContaining('Password of root@prod, for sudo:'),
    ]);
  });

  it.each(['free', 'password', 'doas'] as const)(
    'makes one environment for all that runs as root: %s',
    async (kind) => {
      const { calls } = await asRoot(kind, prompts(PASSWORD));
      const shell = (calls.at(-1)?.argv ?? []).slice((calls.at(-1)?.argv ?? []).indexOf('/bin/sh'), -1);
      const script = 'umask; echo "$PATH $LC_ALL"';
      const { stdout } = spawnSync('/bin/sh', [...shell.slice(1), '/bin/sh', '-c', script], {
        input: 'knockgate\n',
        encoding: 'utf8',
        env: { PATH: '/opt/own', LC_ALL: 'de_DE.UTF-8' },
      });
      expect(stdout).toMatch(/^0?022\n\/opt\/own:\S*\/usr\/sbin:\S*\/bin C\n$/);
    },
  );

  it("never sends a program's input together with a password that is not known to be right", async () => {
    const asking = prompts('wrong', PASSWORD);
    const { calls } = await asRoot('password', asking);
    expect(asking.asked).toBe(2);
    expect(calls.filter(({ stdin }) => stdin.includes('wrong')).map(({ stdin }) => stdin)).toEqual([
      'wrong\nknockgate\n',
    ]);
  });

  it('lets a real shell pass on the input behind the password, and nothing when the password was not read', async () => {
    const { calls } = await asRoot('password', prompts(PASSWORD));
    const { argv = [], stdin = '' } = calls.at(-1) ?? {};
    const shell = argv.slice(argv.indexOf('--') + 1);
    const through = (input: string) => spawnSync(shell[0] ?? '', shell.slice(1), { input, encoding: 'utf8' });
    const unread = through(stdin);
    expect([unread.status, unread.stdout, unread.stderr]).toEqual([93, '', '']);
    expect(through(stdin.slice(PASSWORD.length + 1)).stdout).toBe('one\ntwo\n');
  });

  it.each([
    ['no password', 'password', [undefined], 'sudo-refused'],
    ['three wrong ones', 'password', ['a', 'b', 'c', PASSWORD], 'sudo-refused'],
    ['no sudo', 'none', [], 'sudo-forbidden'],
    ['a doas that asks for a password', 'doas-asks', [], 'sudo-forbidden'],
    ['a sudo that wants a terminal', 'tty', [], 'sudo-forbidden'],
    ['a sudo that leaves the password unread', 'touch', [PASSWORD], 'sudo-forbidden'],
  ] as const)('ends with %s', async (_what, kind, answers, code) => {
    await expect(asRoot(kind, prompts(...answers))).rejects.toMatchObject({ text: { code } });
  });

  it.each([
    ['a menu', ran(0, 'Choose: 1) mail 2) quit\n')],
    ['nologin', ran(1, 'This account is currently not available.\n')],
    ['something that repeats what it reads', ran(0, 'hunter2\n')],
    ['something that says nothing', ran(0)],
  ])('asks for no password where `id -u` was answered by %s', async (_, answer) => {
    const asking = prompts(PASSWORD);
    const sudo = new Sudo(async () => answer, asking, 'dev@prod');
    const problem = await problemOf(() => sudo.asRoot(['cat'], new Uint8Array(), 1000));
    expect(problem).toMatchObject({ code: 'command-not-run', what: expect.stringContaining('dev@prod') });
    expect(asking.asked).toBe(0);
  });

  it('asks for no password where sudo ran something else without one', async () => {
    const asking = prompts(PASSWORD);
    const sudo = new Sudo(async (argv) => ran(0, argv[0] === 'id' ? '1000\n' : 'a menu\n'), asking, 'dev@prod');
    expect((await problemOf(() => sudo.asRoot(['cat'], new Uint8Array(), 1000))).code).toBe('command-not-run');
    expect(asking.asked).toBe(0);
  });
});
