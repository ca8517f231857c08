import type { Phrase } from '../base/phrase.ts';
import { exitCodeOf } from '../base/problem.ts';
import type { Remote } from './connection/remote.ts';
import { stepFailed } from './problems.ts';

/**
 * Runs a subcommand of `knockgated` on a server, as root.
 * @param title what is done, for errors
 * @returns its output
 * @throws Problem `step-failed` with its error; those of a connection and of sudo
 */
export async function runKnockgated(remote: Remote, title: Phrase, argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await remote.run(['knockgated', ...argv], { sudo: true });
  if (code !== 0) throw stepFailed(title, stderr.trim() || stdout.trim(), exitCodeOf(code));
  return stdout;
}
