import { ExitCode } from '../../base/problem.ts';
import type { Stage } from './questions.ts';
import { inSeconds, reasonAt, wordFor } from './result-table.ts';
import type { Progress } from './run-hosts.ts';

/** Says a line whenever something happens: for a log, a pipe, a terminal that cannot be drawn on. */
export function progressLines(tell: (line: string) => void): Progress & Stage {
  return {
    begin: () => {},
    step: (host, what) => tell(`${host}: ${what}`),
    end: ({ host, seconds, code, error }) => {
      const why = code === ExitCode.done || error === undefined ? '' : `: ${reasonAt(host, error)}`;
      tell(`${host}: ${wordFor({ code })} after ${inSeconds(seconds)}${why}`);
    },
    pause: () => {},
    resume: () => {},
  };
}
