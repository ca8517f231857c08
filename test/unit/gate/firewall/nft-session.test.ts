import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NftSession } from '../../../../server-helper/firewall/nft-session.ts';
import { ExitCode } from '../../../../src/base/problem.ts';
import { problemOf, temporaryFolder } from '../support.ts';

/** Speaks as `nft -i` does, for a few made-up commands. */
const FAKE_NFT = `#!/bin/sh
echo "$@" >> "$0.starts"
while read -r line; do
  case "$line" in
    'describe meta mark') echo 'meta expression, datatype mark (packet mark) (basetype integer), 32 bits' ;;
    bad*) echo "Error: syntax error, unexpected newline
$line
   ^" >&2 ;;
    die) echo 'last words' >&2; exit 3 ;;
    'say yes and die') echo 'meta expression, datatype mark (packet mark) (basetype integer), 32 bits'; exit 3 ;;
    hang) exec sleep 600 ;;
    *) echo "did $line" ;;
  esac
done
`;

let program: string;
let script: string;
let session: NftSession;
let lost: string[];
beforeEach(() => {
  program = join(temporaryFolder(), 'nft');
  writeFileSync(program, FAKE_NFT, { mode: 0o755 });
  script = join(dirname(program), 'long.nft');
  lost = [];
  session = new NftSession({ lost: (detail) => lost.push(detail) }, { program, script });
});
afterEach(() => {
  session.close();
  vi.useRealTimers();
});

const starts = () => readFileSync(`${program}.starts`, 'utf8').split('\n').length - 1;
const failure = (commands: string) => problemOf(() => session.run(commands));

describe('a listing', () => {
  it('is read in pieces soon when somebody waits for it, and at leisure otherwise', async () => {
    const waits = vi.spyOn(globalThis, 'setTimeout');
    expect(await session.run('list a', true)).toBe('did list a\n');
    expect(waits.mock.calls.map(([, ms]) => ms)).not.toContain(15);
    expect(await session.run('list b')).toBe('did list b\n');
    expect(waits.mock.calls.map(([, ms]) => ms)).toContain(15);
    waits.mockRestore();
  });

  it('is read at once when another command waits', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const answers = Promise.all([session.run('list a'), session.run('two')]);
    expect(await answers).toEqual(['did list a\n', 'did two\n']);
  });
});

describe('a session with nft', () => {
  it('is one process for all commands, started by the first', async () => {
    expect(session.pid).toBeUndefined();
    expect(await session.run('one')).toBe('did one\n');
    expect(await session.run('two')).toBe('did two\n');
    expect(starts()).toBe(1);
    expect(readFileSync(`${program}.starts`, 'utf8')).toBe('-s -i\n');
    expect(lost).toEqual([]);
  });

  it('runs commands in the order in which they come, each with its own answer', async () => {
    const order: string[] = [];
    const commands = Array.from({ length: 20 }, (_, i) => (i % 3 === 2 ? `bad ${i}` : `good ${i}`));
    const answers = commands.map((command) =>
      session.run(command).then(
        (output) => order.push(output),
        () => order.push(`refused ${command}\n`),
      ),
    );
    await Promise.all(answers);
    expect(order).toEqual(commands.map((command) => `${command.startsWith('bad') ? 'refused' : 'did'} ${command}\n`));
  });

  it('takes several lines as one command, and gives back all that they print', async () => {
    expect(await session.run('list a\nlist b')).toBe('did list a\ndid list b\n');
  });

  it('hands long commands over in a file of its own, which goes when it is closed', async () => {
    const long = `add ${'element '.repeat(200)}`;
    expect(await session.run(long)).toBe(`did include "${script}"\n`);
    expect(readFileSync(script, 'utf8')).toBe(`${long}\n`);
    expect(statSync(script).mode & 0o777).toBe(0o600);
    expect(await session.run('short')).toBe('did short\n');
    session.close();
    expect(existsSync(script)).toBe(false);
  });

  it('hands long commands over itself where the file cannot be written', async () => {
    const long = `add${' element'.repeat(200)}`;
    mkdirSync(script);
    expect(await session.run(long)).toBe(`did ${long}\n`);
    rmSync(script, { recursive: true });
  });

  it('passes on nft’s verdict, without the command that it repeats', async () => {
    const problem = await failure('bad { 0x0123456789abcdef }');
    expect(problem).toMatchObject({ code: 'firewall-failed', why: expect.stringContaining('syntax error') });
    expect(await session.run('next')).toBe('did next\n');
    expect(starts()).toBe(1);
  });

  it('whose process dies says so, and starts another for the next command', async () => {
    await session.run('one');
    const [died, waiting] = await Promise.allSettled([session.run('die'), session.run('two')]);
    expect(died).toMatchObject({ status: 'rejected', reason: { text: { code: 'firewall-failed' } } });
    expect(waiting).toEqual({ status: 'fulfilled', value: 'did two\n' });
    expect(lost).toEqual(['nft ended (code 3)']);
    expect(starts()).toBe(2);
  });

  it('whose process was killed while nothing was asked says so too', async () => {
    await session.run('one');
    process.kill(session.pid ?? 0, 'SIGKILL');
    await vi.waitFor(() => expect(lost).toEqual(['nft ended (SIGKILL)']));
    expect(await session.run('two')).toBe('did two\n');
  });

  it('never takes the last words of a dead process for the answer of its successor', async () => {
    for (let i = 0; i < 5; i++) {
      const [, next] = await Promise.allSettled([session.run('say yes and die'), session.run(`next ${i}`)]);
      // Refused where it went to the dying process; done only where nft did it.
      if (next.status === 'fulfilled') expect(next.value).toBe(`did next ${i}\n`);
    }
  });

  it('asked to be terse lists no elements', async () => {
    const terse = new NftSession({ lost: () => {} }, { program, terse: true });
    await terse.run('one');
    expect(readFileSync(`${program}.starts`, 'utf8')).toBe('-s -a -t -i\n');
    terse.close();
  });

  it.each([
    ['uses the processor', (look: number) => ({ cpuTicks: look, isWorking: false })],
    ['waits for a processor', () => ({ cpuTicks: 0, isWorking: true })],
  ])('that is slow is waited for as long as it %s, but not for ever', async (_, progress) => {
    let looks = 0;
    const progressOf = () => progress(looks++);
    session = new NftSession({ lost: (detail) => lost.push(detail) }, { program, progressOf });
    await session.run('one');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    looks = 0;
    const hanging = failure('hang');
    for (let look = 1; look < 40; look++) {
      await vi.advanceTimersByTimeAsync(1500);
      await vi.waitFor(() => expect(looks).toBe(look));
      expect(lost).toEqual([]);
    }
    await vi.advanceTimersByTimeAsync(1500);
    expect(await hanging).toMatchObject({ code: 'firewall-failed', why: expect.stringContaining('SIGKILL') });
  });

  it('that hangs is ended after its time, and the next command gets an answer', async () => {
    let looks = 0;
    const progressOf = () => {
      looks++;
      return { cpuTicks: 0, isWorking: false };
    };
    session = new NftSession({ lost: (detail) => lost.push(detail) }, { program, progressOf });
    await session.run('one');
    // A command that is answered at once costs no look at the process.
    expect(looks).toBe(0);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const hanging = failure('hang');
    const next = session.run('two');
    vi.advanceTimersByTime(1500);
    await vi.waitFor(() => expect(looks).toBe(1));
    vi.advanceTimersByTime(1500);
    expect(await hanging).toMatchObject({ code: 'firewall-failed', why: expect.stringContaining('SIGKILL') });
    expect(await next).toBe('did two\n');
    expect(starts()).toBe(2);
  });

  it('that is closed does what it was asked before, and nothing more', async () => {
    const asked = [session.run('one'), session.run('two')];
    session.close();
    expect(await problemOf(() => session.run('three'))).toMatchObject({ code: 'firewall-failed' });
    expect(await Promise.all(asked)).toEqual(['did one\n', 'did two\n']);
    await vi.waitFor(() => expect(session.pid).toBeUndefined());
    expect(lost).toEqual([]);
    expect(starts()).toBe(1);
  });

  it('without nft on the machine says what to install', async () => {
    const missing = new NftSession({ lost: () => {} }, { program: '/nonexistent/nft' });
    const problems = await Promise.all([1, 2].map(() => problemOf(() => missing.run('one'))));
    for (const problem of problems) {
      expect(problem).toMatchObject({ code: 'program-missing', exit: ExitCode.programMissing });
      expect(problem.next).toContain('apt-get install nftables');
    }
  });

  it('exchanges a process whose history weighs, and has the next one ready before it is asked', async () => {
    session = new NftSession({ lost: (detail) => lost.push(detail) }, { program });
    const long = `say ${'x'.repeat(300_000)}`;
    for (let i = 0; i < 2; i++) expect(await session.run(long)).toHaveLength(long.length + 'did \n'.length);
    await vi.waitFor(() => expect(starts()).toBe(2));
    expect(await session.run('next')).toBe('did next\n');
    expect(starts()).toBe(2);
    expect(lost).toEqual([]);
  });

  it('fails, and does not hang, when no process can be started', async () => {
    const impossible = new NftSession({ lost: () => {} }, { program: 'nft\0' });
    expect(await problemOf(() => impossible.run('one'))).toMatchObject({ code: 'firewall-failed' });
    expect(await problemOf(() => impossible.run('two'))).toMatchObject({ code: 'firewall-failed' });
  });
});
