import type { Family } from '../base/addresses.ts';
import type { Protocol } from '../base/ports.ts';
import { parseSpans, rangesOf, type Span } from './port-list.ts';
import { ALL_PORTS, type Effect, KNOCKER, type Rule, refused } from './rule.ts';
import { serviceOf } from './services.ts';

/** Families of tables that see IP packets. */
const FAMILIES = new Set(['ip', 'ip6', 'inet']);
const OTHER_FAMILIES = new Set(['bridge', 'netdev', 'arp']);
const ELSEWHERE = new Set(['forward', 'output', 'prerouting', 'postrouting']);
/** Options that change what is printed, and nothing else. */
const PRINTING = new Set(['-a', '--handle', '-e', '--echo', '-n', '-nn', '-s', '--stateless']);

const STATES = new Set(['new', 'established', 'related', 'untracked', 'invalid']);
const LOG_LEVELS = new Set(['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug']);
/** Words of nft's language, which it does not read as names. */
const KEYWORDS = new Set(
  `accept add comment counter ct dport drop flags handle icmp icmpv6 iif iifname index input insert ip ip6 jump level limit log mark meta
  nfproto packets bytes position prefix protocol rate reject rule saddr daddr sport state table tcp th udp`.split(
    /\s+/,
  ),
);
/** Number of tokens in `& (fin | syn | rst | ack) == syn`. */
const FLAGS_LENGTH = 12;

/** Thrown inside, and given back as a refusal. */
class Refused extends Error {}

/** Reads the arguments of nft, which joins them to one text. It may contain several commands. */
export function parseNft(argv: readonly string[]): Effect[] {
  const first = argv.findIndex((word) => !PRINTING.has(word));
  const rest = first < 0 ? [] : argv.slice(first);
  if (rest[0]?.startsWith('-')) return [refused(`nft’s ${rest[0]} is not understood`)];
  const tokens = tokensOf(rest.join(' '));
  if (tokens === undefined) return [refused('it has characters that are not understood')];
  return statementsOf(tokens).map(effectOf);
}

/** Splits a text into tokens; undefined when it contains a sign that this reader does not know. */
function tokensOf(text: string): string[] | undefined {
  const tokens: string[] = [];
  const pattern = /\s*(?:("[^"\n]*")|(==|!=|[{},;()|&=<>!])|([^\s{},;()|&=<>!"]+)|(\n))/y;
  while (pattern.lastIndex < text.trimEnd().length) {
    const found = pattern.exec(text);
    if (found === null) return undefined;
    tokens.push(found[1] ?? found[2] ?? found[3] ?? ';');
  }
  return tokens;
}

function statementsOf(tokens: readonly string[]): string[][] {
  const statements: string[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token === '{') depth += 1;
    if (token === '}') depth -= 1;
    if (token === ';' && depth === 0) statements.push([]);
    else statements.at(-1)?.push(token);
  }
  return statements.filter((statement) => statement.length > 0);
}

function effectOf(tokens: readonly string[]): Effect {
  const [verb, object, ...rest] = tokens;
  if (object === 'element')
    return refused(
      verb === 'add' || verb === 'create'
        ? `it adds to a set, and what that opens is in other rules than this command (nft list ruleset)`
        : `${verb} element is not understood`,
    );
  if (object !== 'rule') return refused(`nft’s ${[verb, object].join(' ')} is not understood`);
  if (verb === 'delete' || verb === 'destroy') return { does: 'remove', rule: undefined };
  if (verb !== 'add' && verb !== 'insert') return refused(`nft’s ${verb} rule is not understood`);
  try {
    return new RuleReader(rest).read();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return refused(error.message);
  }
}

/** Whether a text is like `ssh-https`, which nft reads as one name. */
function isRangeOfNames(text: string): boolean {
  return text.includes('-') && serviceOf(text) === undefined && !/^[0-9-]+$/.test(text);
}

class RuleReader {
  private readonly tokens: readonly string[];
  private at = 0;
  private family: Family | undefined;
  private source: Rule['source'] = 'anybody';
  private hasSource = false;
  private protocols: readonly Protocol[] | undefined;
  private spans: readonly Span[] | undefined;
  private unfit: string | undefined;
  private readonly conditions: string[] = [];

  constructor(tokens: readonly string[]) {
    this.tokens = tokens;
  }

  read(): Effect {
    this.readPlace();
    while (this.at < this.tokens.length) {
      const token = this.next();
      if (token === 'accept') return this.accepted();
      this.readExpression(token);
    }
    return { does: 'nothing', rule: this.rule(), isAdded: true };
  }

  private next(): string {
    const token = this.tokens[this.at];
    if (token === undefined) throw new Refused('it ends too early');
    this.at += 1;
    return token;
  }

  private skip(token: string): boolean {
    const isThere = this.tokens[this.at] === token;
    if (isThere) this.at += 1;
    return isThere;
  }

  /** Reads `[family] table chain [handle N]`. */
  private readPlace(): void {
    const first = this.next();
    if (OTHER_FAMILIES.has(first)) throw new Refused(`its family ${first} sees other packets than those of IP`);
    const [table, chain] = FAMILIES.has(first) ? [this.next(), this.next()] : [first, this.next()];
    const family = FAMILIES.has(first) ? first : 'ip';
    if (family !== 'inet') this.setFamily(family === 'ip' ? 'ipv4' : 'ipv6');
    if (['nat', 'mangle', 'raw'].includes(table)) this.unfit = `its table ${table} lets nobody in`;
    if (ELSEWHERE.has(chain.toLowerCase()))
      this.unfit = `its chain ${chain} is not about packets to this host itself; for other hosts see [[forward]]`;
    else if (chain.toLowerCase() !== 'input') this.conditions.push(`chain ${chain}`);
    if (['handle', 'position', 'index'].includes(this.tokens[this.at] ?? '')) {
      this.at += 1;
      const number = this.next();
      if (!/^[0-9]{1,9}$/.test(number)) throw new Refused(`“${number}” is not the number of a rule`);
    }
  }

  private setFamily(family: Family): void {
    if (this.family !== undefined && this.family !== family) throw new Refused('it is about IPv4 and IPv6 at once');
    this.family = family;
  }

  private readExpression(token: string): void {
    const what = this.tokens[this.at] ?? '';
    switch (token) {
      case 'ip':
      case 'ip6':
        this.at += 1;
        this.setFamily(token === 'ip' ? 'ipv4' : 'ipv6');
        this.readAddress(token, what);
        break;
      case 'tcp':
      case 'udp':
      case 'th':
        this.at += 1;
        this.readTransport(token, what);
        break;
      case 'meta':
        this.readMeta(this.next());
        break;
      case 'iif':
      case 'iifname':
        this.conditions.push(`${token} ${this.values().join(',')}`);
        break;
      case 'ct':
        if (this.next() !== 'state') throw new Refused(`ct ${what} is not understood`);
        this.readState(this.values(true));
        break;
      default:
        this.readStatement(token);
    }
  }

  private readState(states: readonly string[]): void {
    const other = states.find((state) => !STATES.has(state));
    if (other !== undefined) throw new Refused(`ct state ${other} is not understood`);
    if (!states.includes('new')) throw new Refused('it lets in no new connections (ct state new)');
  }

  private readAddress(header: string, what: string): void {
    if (what === 'saddr') this.readSource(this.values());
    else if (what === 'daddr') this.conditions.push(`${header} daddr ${this.values().join(',')}`);
    else if (what === 'protocol' || what === 'nexthdr') this.readProtocols(this.values());
    else throw new Refused(`${header} ${what} is not understood`);
  }

  private readSource(sources: readonly string[]): void {
    if (this.hasSource) throw new Refused('it names the source twice');
    this.hasSource = true;
    const most = this.family === 'ipv4' ? 32 : 128;
    const isKnocker = (each: string): boolean => {
      const [host, length = String(most)] = each.split('/');
      return (
        host === KNOCKER && /^[1-9][0-9]{0,2}$/.test(length) && Number(length) <= most && each.split('/').length < 3
      );
    };
    if (!sources.some(isKnocker)) throw new Refused(`it lets in ${sources.join(',')}, not who has knocked`);
    this.source = 'knocker';
  }

  private readTransport(header: 'tcp' | 'udp' | 'th', what: string): void {
    if (header !== 'th') this.readProtocols([header]);
    if (what === 'dport') this.readPorts(this.values());
    else if (what === 'sport') this.conditions.push(`${header} sport ${this.values().join(',')}`);
    else if (header === 'tcp' && what === 'flags') this.readFlags();
    else throw new Refused(`${header} ${what} is not understood`);
  }

  private readPorts(texts: readonly string[]): void {
    const spans = texts.some(isRangeOfNames) ? undefined : parseSpans(texts.join(','), '-');
    if (spans === undefined) throw new Refused(`“${texts.join(',')}” is not a port or a name that is known here`);
    if (this.spans !== undefined) throw new Refused('it names ports twice');
    this.spans = spans;
    this.protocols ??= ['tcp', 'udp'];
  }

  /**
   * Reads a condition on TCP flags. Only that for a SYN is accepted: it begins a connection, and a gate decides about those.
   */
  private readFlags(): void {
    if (this.skip('syn')) return;
    const [and, open, ...rest] = this.tokens.slice(this.at, this.at + FLAGS_LENGTH);
    const [mask, compared] = [rest.slice(0, 7), rest.slice(7).join(' ')];
    const isMask =
      mask
        .filter((_, i) => i % 2 === 0)
        .sort()
        .join() === 'ack,fin,rst,syn';
    const isUnion = mask.filter((_, i) => i % 2 === 1).join('') === '|||';
    if (and !== '&' || open !== '(' || !isMask || !isUnion || compared !== ') == syn')
      throw new Refused('its tcp flags are not understood');
    this.at += FLAGS_LENGTH;
  }

  private readMeta(what: string): void {
    if (what === 'l4proto') this.readProtocols(this.values());
    else if (what === 'nfproto') {
      const [family, ...more] = this.values();
      if ((family !== 'ipv4' && family !== 'ipv6') || more.length > 0)
        throw new Refused('its nfproto is not understood');
      this.setFamily(family);
    } else if (what === 'iif' || what === 'iifname') this.conditions.push(`${what} ${this.values().join(',')}`);
    else throw new Refused(`meta ${what} is not understood`);
  }

  private readProtocols(texts: readonly string[]): void {
    const names = texts.map((text) => (text === '6' ? 'tcp' : text === '17' ? 'udp' : text));
    const isKnown = (name: string): name is Protocol => name === 'tcp' || name === 'udp';
    const other = names.find((name) => !isKnown(name));
    if (other !== undefined)
      throw new Refused(`it lets in the protocol ${other}, and a gate hides ports of TCP and UDP`);
    const found = names.filter(isKnown);
    const before = this.protocols ?? found;
    const isSame = found.length === before.length && before.every((protocol) => found.includes(protocol));
    if (!isSame) throw new Refused('it names two protocols at once');
    this.protocols = before;
  }

  private readStatement(token: string): void {
    switch (token) {
      case 'counter':
        if (this.skip('packets')) {
          const [packets, bytes, count] = [this.next(), this.next(), this.next()];
          if (!/^[0-9]{1,15}$/.test(packets) || bytes !== 'bytes' || !/^[0-9]{1,15}$/.test(count))
            throw new Refused('its counter is not understood');
        }
        break;
      case 'log':
        if (this.skip('prefix')) this.readText('the prefix of its log');
        if (this.skip('level')) {
          const level = this.next();
          if (!LOG_LEVELS.has(level)) throw new Refused(`its log level ${level} is not understood`);
        }
        break;
      case 'comment':
        this.readText('its comment');
        if (this.at < this.tokens.length) throw new Refused('it goes on behind its comment');
        break;
      case 'limit':
        this.readLimit();
        break;
      case 'drop':
      case 'reject':
        throw new Refused(`it blocks (${token}) and lets nobody in`);
      default:
        throw new Refused(`nft’s ${token} is not understood`);
    }
  }

  /** Reads a text in quotation marks, or a word that nft does not use itself. */
  private readText(what: string): void {
    const text = this.next();
    if (!text.startsWith('"') && (!/^[A-Za-z][A-Za-z0-9_.-]*$/.test(text) || KEYWORDS.has(text)))
      throw new Refused(`${what} has no quotation marks`);
  }

  private readLimit(): void {
    const words = [this.next(), this.next()];
    if (words[0] !== 'rate') throw new Refused('its limit is not understood');
    if (words[1] === 'over') words.push(this.next());
    if (this.skip('burst')) words.push('burst', this.next(), this.next());
    this.conditions.push(`limit ${words.join(' ')}`);
  }

  /**
   * Reads `X`, `== X` or `{ X, Y }`.
   * @param isBits whether nft also accepts `X, Y`, as for values that are bits
   */
  private values(isBits = false): string[] {
    this.skip('==');
    const isSet = this.skip('{');
    const values: string[] = [];
    do {
      const value = this.next();
      if (/^[{}();|&=<>!]|^!=$/.test(value))
        throw new Refused(`“${value}” turns a condition round, or is not understood`);
      if (value.startsWith('@')) throw new Refused(`what is in the set ${value} is not in the command`);
      values.push(value.replaceAll('"', ''));
    } while (this.skip(','));
    if (!isSet && !isBits && values.length > 1) throw new Refused('it has several values without braces');
    if (isSet && !this.skip('}')) throw new Refused('its { has no }');
    return values;
  }

  private accepted(): Effect {
    if (this.skip('comment')) this.readText('its comment');
    if (this.at < this.tokens.length) throw new Refused('it goes on behind accept');
    return { does: 'allow', rule: this.rule() };
  }

  private rule(): Rule {
    const { family, source, protocols, spans, conditions, unfit } = this;
    const ports = protocols === undefined ? ALL_PORTS : rangesOf(spans ?? [[0, 65_535]], protocols);
    return { family, source, ports, conditions, unfit };
  }
}
