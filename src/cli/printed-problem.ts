import { fieldsOf, parseJson } from '../base/loose-json.ts';
import { type ExitCode, Problem } from '../base/problem.ts';

/** The error that a program printed for programs; undefined for any other output. */
export function problemIn(stdout: string, exit: ExitCode): Problem | undefined {
  const { code, what, why, next } = fieldsOf(fieldsOf(parseJson(stdout)).error);
  if (typeof code !== 'string' || typeof what !== 'string') return undefined;
  const more = { ...(typeof why === 'string' && { why }), ...(typeof next === 'string' && { next }) };
  return new Problem({ code, what, exit, ...more });
}
