import { ExitCode } from '../base/problem.ts';
import { CLIENT } from '../command-table/client/program.ts';
import { COMPLETION } from '../command-table/client/program-commands.ts';
import { completionFor, SHELLS } from '../command-table/completion/completion.ts';
import { usageProblem } from '../command-table/problems.ts';
import { didYouMean } from '../command-table/suggest.ts';
import type { Command } from './command.ts';

export const completion: Command = {
  entry: COMPLETION,
  run: async (args, shell) => {
    const [wanted = ''] = args.positionals;
    const script = completionFor(wanted, CLIENT);
    if (script === undefined) {
      const known = Object.keys(SHELLS);
      const what = `There is no completion for ${JSON.stringify(wanted)}.${didYouMean(wanted, known)}`;
      throw usageProblem(what, `There is one for ${known.join(', ')}.`);
    }
    shell.print(script.trimEnd());
    return ExitCode.done;
  },
};
