import { parseArgs } from 'node:util';
import { version } from '../package.json';
import { printable } from '../src/base/printable.ts';
import { ExitCode, Problem, type ProblemText, saidBy } from '../src/base/problem.ts';
import { loadActionBundle, loadFleetBundle, loadFwknopBundle, loadImportBundle, loadManageBundle } from './bundles.ts';
import { run } from './daemon/run.ts';
import { pathsFrom } from './paths.ts';
import { reasonOf, usage } from './problems.ts';

/** Options of `run` and `run-action`, which service managers call; all others belong to subcommands. */
const OPTIONS = { config: { type: 'string' }, firewall: { type: 'string' } } as const;

async function main(argv: string[]): Promise<ExitCode> {
  const { values, positionals, tokens } = parseArgs({ args: argv, options: OPTIONS, strict: false, tokens: true });
  const [command, ...rest] = positionals;
  const options = tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : []));
  if (options.includes('version')) {
    process.stdout.write(`knockgated ${version}\n`);
    return ExitCode.done;
  }
  const hasOthers = options.some((name) => !(name in OPTIONS));
  if ((command !== 'run' && command !== 'run-action') || hasOthers)
    return await (await loadManageBundle()).subcommand(argv, { loadFleetBundle, loadFwknopBundle, loadImportBundle });
  if (values.config === true) throw usage('--config needs the path of a file.');
  if (rest.length > 0) throw usage(`The form is: knockgated ${command}`);
  const paths = pathsFrom(process.env, typeof values.config === 'string' ? values.config : undefined);
  if (command === 'run') return await run(paths, firewallKind(values.firewall ?? 'nftables'));
  return await (await loadActionBundle()).runAction(paths);
}

/** Error as `--json` prints it. */
function asJson(text: ProblemText | undefined, error: unknown): string {
  const { code, what, why, next } = text ?? { code: 'fault', what: `a fault of ours: ${reasonOf(error)}` };
  return printable(JSON.stringify({ error: { code, what, why, next } }));
}

function firewallKind(text: unknown): 'nftables' | 'memory' | 'dry-run' {
  if (text === 'nftables' || text === 'memory' || text === 'dry-run') return text;
  throw usage('--firewall is nftables, memory or dry-run.');
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const problem = error instanceof Problem ? error : undefined;
    if (process.argv.includes('--json')) process.stdout.write(`${asJson(problem?.text, error)}\n`);
    process.stderr.write(`${saidBy('knockgated', problem?.message ?? `a fault of ours: ${reasonOf(error)}`)}\n`);
    if (problem === undefined && error instanceof Error && process.env.KNOCKGATE_DEBUG !== undefined)
      process.stderr.write(`${error.stack}\n`);
    process.exitCode = problem?.text.exit ?? ExitCode.fault;
    // A daemon that failed at its start may hold timers and children; everything important is printed.
    process.exit();
  },
);
