import { parseFirewalld } from './firewalld.ts';
import { parseIptables } from './iptables.ts';
import { parseKnockAdd } from './knock-add.ts';
import { parseNft } from './nft.ts';
import { type Effect, refused } from './rule.ts';
import { parseUfw } from './ufw.ts';

/** Meaning of a command of a line: a firewall's, or something else. */
export type Meaning =
  | { readonly for: 'firewall'; readonly effects: readonly Effect[] }
  /** Waits, and then the line goes on. */
  | { readonly for: 'wait'; readonly seconds: number }
  /** Prints or logs. Without it the line opens the same. */
  | { readonly for: 'show' }
  | { readonly for: 'other'; readonly argv: readonly string[] };

const FIREWALLS = new Map<string, (argv: readonly string[]) => readonly Effect[]>([
  ...['iptables', 'iptables-nft', 'iptables-legacy'].map(
    (name) => [name, (argv: readonly string[]) => [parseIptables(argv, 'ipv4')]] as const,
  ),
  ...['ip6tables', 'ip6tables-nft', 'ip6tables-legacy'].map(
    (name) => [name, (argv: readonly string[]) => [parseIptables(argv, 'ipv6')]] as const,
  ),
  ...['knock_add', 'knock_helper_ipt.sh'].map(
    (name) => [name, (argv: readonly string[]) => [parseKnockAdd(argv)]] as const,
  ),
  ['nft', parseNft],
  ['ufw', (argv) => [parseUfw(argv)]],
  ['firewall-cmd', parseFirewalld],
]);
/** Programs that change firewalls too, but are not read here. */
const OTHER_FIREWALLS = new Set(
  'ipset iptables-restore ip6tables-restore iptables-apply ebtables arptables pfctl ipfw shorewall shorewall6 csf firehol fail2ban-client netsh'.split(
    ' ',
  ),
);
const SHOWS = new Set(['true', ':', 'echo', 'printf', 'logger', 'date', 'wall']);
const UNIT_SECONDS = new Map([
  ['', 1],
  ['s', 1],
  ['m', 60],
  ['h', 3600],
]);

/** Says what a command is for, by the name of its program; the program's folder does not matter. */
export function meaningOf(argv: readonly string[]): Meaning {
  const [program = '', ...rest] = withoutSudo(argv);
  const name = program.slice(program.lastIndexOf('/') + 1);
  const parse = FIREWALLS.get(name);
  if (parse !== undefined) return { for: 'firewall', effects: parse(rest) };
  if (OTHER_FIREWALLS.has(name)) return { for: 'firewall', effects: [refused(`what ${name} does is not read here`)] };
  const seconds = name === 'sleep' ? sleepOf(rest) : undefined;
  if (seconds !== undefined) return { for: 'wait', seconds };
  return SHOWS.has(name) ? { for: 'show' } : { for: 'other', argv };
}

/** The text of `sh -c TEXT`; undefined for any other command. */
export function scriptOf(argv: readonly string[]): string | undefined {
  const [program = '', option, text, ...more] = withoutSudo(argv);
  const isShell = /^(?:\/(?:usr\/)?bin\/)?(?:sh|bash|dash)$/.test(program);
  return isShell && option === '-c' && more.length === 0 ? text : undefined;
}

function withoutSudo(argv: readonly string[]): readonly string[] {
  const [first = '', ...rest] = argv;
  if (!/^(?:\/usr\/bin\/)?sudo$/.test(first)) return argv;
  return rest[0] === '-n' ? rest.slice(1) : rest;
}

function sleepOf([text = '', ...more]: readonly string[]): number | undefined {
  const [, digits, unit = ''] = /^([0-9]{1,6})([smh]?)$/.exec(text) ?? [];
  const scale = UNIT_SECONDS.get(unit);
  return digits === undefined || scale === undefined || more.length > 0 ? undefined : Number(digits) * scale;
}
