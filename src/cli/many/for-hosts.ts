import { inWords } from '../../base/phrase.ts';
import type { ExitCode } from '../../base/problem.ts';
import { usageProblem } from '../../command-table/problems.ts';
import type { Arguments } from '../../command-table/read-line.ts';
import type { Session } from '../deployment.ts';
import { fault } from '../report.ts';
import type { Shell } from '../shell.ts';
import { type Asking, Terminal } from '../terminal.ts';
import { LiveTable } from './live-table.ts';
import { progressLines } from './progress-lines.ts';
import { Questions } from './questions.ts';
import { resultJson, resultText } from './result-table.ts';
import { exitCodeOfAll, type Outcome, runHosts } from './run-hosts.ts';
import { parallelOf } from './wanted-hosts.ts';

/** The means of a command for one of several hosts. */
export interface OneOfMany {
  /** Lines that are told here appear in the row of the host. */
  readonly shell: Shell;
  readonly asking: Asking;
  /** Says what is being done now. */
  readonly step: (what: string) => void;
}

/**
 * Does something for several hosts at the same time, shows how far each of them is, and prints a table of how they ended.
 * @param json whether that table is printed for programs
 * @returns `done`, or `someFailed`
 * @throws Problem `usage`
 */
export async function forHosts(
  hosts: readonly string[],
  args: Arguments,
  shell: Shell,
  json: boolean,
  work: (host: string, one: OneOfMany) => Promise<Outcome>,
): Promise<ExitCode> {
  if (hosts.length > 1 && args.value('name') !== undefined)
    throw usageProblem('--name is for one host alone.', 'Leave it out, or name one host.');
  const screen = shell.openScreen();
  const table = screen && new LiveTable(hosts, screen);
  const stage = table ?? progressLines(shell.tell);
  const input = shell.openStdin();
  const canAsk = hosts.length === 1 || ('isTTY' in input && input.isTTY === true);
  const questions = new Questions(
    new Terminal(input, shell.ask, shell.interrupt, shell.signal),
    stage,
    canAsk,
    shell.signal,
  );
  const course = {
    parallel: parallelOf(args),
    progress: stage,
    clock: shell.clock,
    signal: shell.signal,
    fault: (error: unknown) => fault(error, shell),
  };
  const results = await runHosts(hosts, course, (host) => {
    const step = (what: string) => stage.step(host, what);
    return work(host, { shell: { ...shell, tell: step }, asking: questions.of(host), step });
  });
  table?.clear();
  shell.print(json ? resultJson(results) : resultText(results));
  if (!json) for (const { error } of results) if (error) shell.tell(`\n${textOf(error)}`);
  return exitCodeOfAll(results);
}

function textOf({ what, why, next }: { readonly what: string; readonly why?: string; readonly next?: string }): string {
  return [what, why, next].filter((part) => part !== undefined).join('\n');
}

/** A session whose steps and questions are those of one of several hosts. */
export function manyAsOne(session: Session, args: Arguments, { asking, step }: OneOfMany): Session {
  return {
    ...session,
    ui: { ...session.ui, step: (title) => step(inWords(title)) },
    agree: async (document) => args.flag('yes') || asking.confirm('Do this?', document),
  };
}
