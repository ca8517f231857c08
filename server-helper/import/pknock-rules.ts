import type { PortRange, Protocol } from '../../src/base/ports.ts';
import { parseIptables } from '../../src/firewall-commands/iptables.ts';
import { isAllPorts, KNOCKER } from '../../src/firewall-commands/rule.ts';
import { serviceOf } from '../../src/firewall-commands/services.ts';

/** A rule with the match `pknock` of xtables-addons. */
export interface PknockRule {
  readonly name: string;
  /** Ports of the knocks, in order; empty for a rule that only asks (`--checkip`). */
  readonly knocks: readonly { readonly protocol: Protocol; readonly port: number }[];
  /** Seconds from one knock to the next; undefined in a rule that has none. */
  readonly gap: number | undefined;
  /** Minutes after which a grant ends; undefined: never. */
  readonly minutes: number | undefined;
  readonly strict: boolean;
  /** Whether it has secrets: one datagram with an HMAC opens, and no sequence. */
  readonly hasSecrets: boolean;
  /** Ports that it lets in; empty when its target is not ACCEPT. */
  readonly opens: readonly PortRange[];
}

/** Options of the match, each with the number of its values. */
const OPTIONS = new Map([
  ['--name', 1],
  ['--knockports', 1],
  ['--time', 1],
  ['--autoclose', 1],
  ['--strict', 0],
  ['--opensecret', 1],
  ['--closesecret', 1],
  ['--checkip', 0],
]);
const LONGEST_NAME = 31;
const BLOCKS = new Set(['DROP', 'REJECT', 'LOG']);
const SECRETS = ['--opensecret', '--closesecret'];

/**
 * Reads a rule with `-m pknock`, with the name of its program or, as `iptables-save` prints it, without.
 * @returns why it cannot be carried over, when it cannot
 */
export function readPknockRule(argv: readonly string[]): PknockRule | string {
  const isSaved = /^-(?:A|I)$/.test(argv[0] ?? '');
  const program = argv[0]?.slice(argv[0].lastIndexOf('/') + 1) ?? '';
  if (!isSaved && !/^iptables(?:-legacy|-nft)?$/.test(program)) return `“${program}” is not iptables`;
  const words = isSaved ? argv : argv.slice(1);
  const at = words.indexOf('pknock');
  if (at < 1 || !['-m', '--match'].includes(words[at - 1] ?? '')) return 'its pknock does not follow -m';
  const options = matchOptions(words, at + 1);
  if (typeof options === 'string') return options;
  const { values, end } = options;
  const isQuestion = values.has('--checkip');
  if (!isQuestion && /--dports?|--destination-ports?/.test(words.slice(0, at).join(' ')))
    return 'its --dport is in front of -m pknock, so that it never sees a knock';
  const rest = [...words.slice(0, at - 1), ...words.slice(end)];
  const opens = opensOf(rest);
  // The word may be a part of a secret with a blank in it.
  if (typeof opens === 'string') return opens.includes('“') ? 'it has a word that is not understood' : opens;
  const protocol = protocolOf(rest);
  const ports = (values.get('--knockports') ?? '').split(',').filter((text) => text !== '');
  const knocks = ports.flatMap((text) => {
    const port = portOf(text);
    return port === undefined || protocol === undefined ? [] : [{ protocol, port }];
  });
  if (isQuestion !== (ports.length === 0))
    return isQuestion ? '--checkip goes with no knock ports' : 'it has no --knockports';
  if (knocks.length !== ports.length)
    return 'its knock ports cannot be read, or it has no -p tcp or -p udp in front of them';
  const hasSecrets = SECRETS.some((name) => values.has(name));
  const [gap, minutes] = [numberOf(values, '--time'), numberOf(values, '--autoclose')];
  const name = values.get('--name')?.slice(0, LONGEST_NAME) ?? '';
  if (name === '') return 'it has no --name';
  if (gap === 'wrong' || minutes === 'wrong') return 'its --time or --autoclose is not a number';
  if (!isQuestion && !hasSecrets && (gap ?? 0) < 1) return 'it has no --time';
  if (hasSecrets && (protocol !== 'udp' || knocks.length !== 1))
    return 'a rule with secrets has -p udp and one knock port';
  return {
    name,
    knocks,
    gap,
    minutes: minutes === 0 ? undefined : minutes,
    strict: values.has('--strict'),
    hasSecrets,
    opens,
  };
}

function matchOptions(
  words: readonly string[],
  from: number,
): { readonly values: ReadonlyMap<string, string>; readonly end: number } | string {
  const values = new Map<string, string>();
  let at = from;
  while (at < words.length) {
    const [word = '', given] = (words[at] ?? '').split(/=(.*)/s);
    const count = OPTIONS.get(word);
    if (count === undefined) break;
    if (values.has(word)) return `${word} occurs twice`;
    at += 1;
    const next = words[at];
    // iptables-save prints secrets without their values.
    const isHidden = SECRETS.includes(word) && (next === undefined || next.startsWith('-'));
    if (count === 0 || given !== undefined || isHidden) values.set(word, given ?? '');
    else {
      if (next === undefined || next.startsWith('--')) return `${word} has no value`;
      values.set(word, next);
      at += 1;
    }
  }
  if (words.indexOf('pknock', at) >= 0) return 'it has -m pknock twice';
  return { values, end: at };
}

/** Ports that the rest of the rule lets in. A rule that blocks, or has no target, lets in nobody. */
function opensOf(rest: readonly string[]): readonly PortRange[] | string {
  const jump = rest.findIndex((word) => ['-j', '--jump'].includes(word));
  const blocks = jump < 0 || BLOCKS.has(rest[jump + 1] ?? '');
  // Its conditions count all the same: they limit who can knock.
  const accepting = jump < 0 || !blocks ? rest : [...rest.slice(0, jump), ...rest.slice(jump + 2)];
  const effect = parseIptables([...accepting, '-s', KNOCKER, ...(blocks ? ['-j', 'ACCEPT'] : [])], 'ipv4');
  if (effect.does === 'refused') return effect.why;
  if (effect.does !== 'allow') return 'it lets nobody in';
  const { conditions, unfit, ports } = effect.rule;
  if (unfit !== undefined) return unfit;
  // A mistyped option may have a secret behind it.
  const shown = conditions.map((condition) => (/secret/i.test(condition) ? condition.split(' ')[0] : condition));
  if (shown.length > 0) return `a gate cannot check ${shown.join(' and ')}`;
  if (blocks) return [];
  const isWhole = isAllPorts(ports) || ports.some(({ first, last }) => first === 0 && last === 65_535);
  return isWhole ? 'it opens every port: it has no --dport' : ports;
}

function protocolOf(rest: readonly string[]): Protocol | undefined {
  const at = rest.findIndex((word) => ['-p', '--protocol', '--proto'].includes(word));
  const name = rest[at + 1]?.toLowerCase();
  return at >= 0 && (name === 'tcp' || name === 'udp') ? name : undefined;
}

function portOf(text: string): number | undefined {
  const port = /^[1-9][0-9]{0,4}$/.test(text) ? Number(text) : serviceOf(text)?.port;
  return port !== undefined && port <= 65_535 ? port : undefined;
}

function numberOf(values: ReadonlyMap<string, string>, name: string): number | undefined | 'wrong' {
  const text = values.get(name);
  if (text === undefined) return undefined;
  return /^[0-9]{1,8}$/.test(text) ? Number(text) : 'wrong';
}
