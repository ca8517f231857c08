import { version } from '../package.json';
import { ExitCode, Problem } from '../src/spa/problem.ts';
import { loadActionPart, loadFwknopPart, loadImportPart, loadManagePart } from './bundles.ts';
import { run } from './daemon/run.ts';
import { readArguments } from './options.ts';
import { pathsFrom } from './paths.ts';
import { reasonOf, usage } from './problems.ts';

async function main(): Promise<ExitCode> {
  const { values, positionals } = readArguments();
  const [command, ...rest] = positionals;
  if (values.version) {
    process.stdout.write(`knockgated ${version}\n`);
    return ExitCode.done;
  }
  const isRun = command === 'run' || command === 'run-action';
  if (isRun && rest.length > 0) throw usage(`The form is: knockgated ${command}`);
  if (!isRun || values.help || (command === 'run' && values.pcap !== undefined))
    return await (await loadManagePart()).subcommand(command, rest, values, { loadFwknopPart, loadImportPart });
  const paths = pathsFrom(process.env, values.config);
  if (command === 'run') return await run(paths, firewallKind(values.firewall));
  return await (await loadActionPart()).runAction(paths);
}

function firewallKind(text: string): 'nftables' | 'memory' | 'dry-run' {
  if (text === 'nftables' || text === 'memory' || text === 'dry-run') return text;
  throw usage(`--firewall is nftables, memory or dry-run, not ${JSON.stringify(text)}.`);
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const problem = error instanceof Problem ? error : undefined;
    process.stderr.write(`knockgated: ${problem?.message ?? `a fault of ours: ${reasonOf(error)}`}\n`);
    if (problem === undefined && error instanceof Error && process.env.KNOCKGATE_DEBUG !== undefined)
      process.stderr.write(`${error.stack}\n`);
    process.exitCode = problem?.text.exit ?? ExitCode.fault;
    // A daemon that failed at its start may hold timers and children; all that matters is said.
    process.exit();
  },
);
