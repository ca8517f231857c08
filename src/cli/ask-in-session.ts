import { parseJson } from '../base/loose-json.ts';
import { ExitCode, exitCodeOf, Problem } from '../base/problem.ts';
import type { Arguments } from '../command-table/read-line.ts';
import { loadDeployment, startSession } from './deployment.ts';
import { problemIn } from './printed-problem.ts';
import { gateNotUnderstood } from './problems.ts';
import type { Shell } from './shell.ts';
import { Terminal } from './terminal.ts';

/** An answer as it was printed, and as it was read. */
export interface Answer<T> {
  readonly raw: unknown;
  readonly value: T;
}

/**
 * Asks the gate that was logged in to.
 * @param argv a subcommand of knockgated with `--json`
 * @param read throws when the answer is of another kind
 * @throws Problem that the gate has printed, or `answer-not-understood`
 */
export type AskInSession = <T>(argv: readonly string[], read: (answer: unknown) => T) => Promise<Answer<T>>;

/**
 * Knocks and logs in once, for any number of questions to a gate.
 * @throws Problem those of a knock, a login and of sudo
 */
export async function askInSession<T>(
  args: Arguments,
  shell: Shell,
  work: (ask: AskInSession) => Promise<T>,
): Promise<T> {
  const [name = ''] = args.positionals;
  const deployment = await loadDeployment(shell);
  const session = await startSession(name, args, shell, deployment, Terminal.of(shell));
  const connection = await deployment.connectToGate(session);
  try {
    return await work(async (argv, read) => {
      const { code, stdout, stderr } = await connection.ask(argv);
      const exit = exitCodeOf(code);
      if (exit !== ExitCode.done) throw problemIn(stdout, exit) ?? gateNotUnderstood(session.host, stderr || stdout);
      const raw = parseJson(stdout);
      try {
        return { raw, value: read(raw) };
      } catch (error) {
        if (error instanceof Problem) throw error;
        throw gateNotUnderstood(session.host, stdout);
      }
    });
  } finally {
    await connection.close();
  }
}
