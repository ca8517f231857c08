import { COMMANDS } from './commands.ts';

/** Columns before the words of a line. */
const INDENT = 28;

const RUN = ['run', 'the daemon; [--firewall nftables|memory|dry-run]'] as const;

function linesOf(left: string, help: readonly string[]): string[] {
  const [first = '', ...more] = help;
  const head = `  ${left} `.padEnd(INDENT);
  // A form that is longer than its column has a line of its own.
  const lines = head.length > INDENT ? [head.trimEnd(), `${' '.repeat(INDENT)}${first}`] : [`${head}${first}`];
  return [...lines, ...more.map((line) => `${' '.repeat(INDENT)}${line}`)];
}

/** What `knockgated --help` prints. */
export const HELP = [
  'knockgated: hides ports of this machine until somebody with a key knocks.',
  '',
  ...linesOf(RUN[0], [RUN[1]]),
  ...COMMANDS.flatMap(({ name, form, help }) => linesOf(`${name} ${form}`.trim(), help)),
  '',
  '  --config FILE             default /etc/knockgate/gate.toml',
  '  --json                    for programs',
  '  --version, --help',
  '',
  'Signals: SIGHUP reads the configuration again (a bad one changes nothing); SIGTERM stops, the ports stay hidden.',
  'To show the ports again: stop the daemon, then `nft delete table inet knockgate`.',
].join('\n');
