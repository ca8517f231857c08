import type { Family } from '../base/addresses.ts';
import type { PortRange, Protocol } from '../base/ports.ts';
import { iptablesSource } from './iptables-source.ts';
import { parseSpan, parseSpans, rangesOf, type Span } from './port-list.ts';
import { ALL_PORTS, type Effect, type Refusal, type Rule, refused } from './rule.ts';

/** Chains that every packet to this host passes: iptables' own, and those of ufw. */
const INPUT = new Set(['INPUT', 'ufw-user-input', 'ufw-before-input', 'ufw6-user-input', 'ufw6-before-input']);
const ELSEWHERE = new Set(['FORWARD', 'OUTPUT', 'PREROUTING', 'POSTROUTING', 'DOCKER-USER', 'ufw-user-forward']);

/** The options by each of their names. */
const OPTIONS = new Map(
  Object.entries({
    append: '-A --append',
    insert: '-I --insert',
    remove: '-D --delete',
    check: '-C --check',
    table: '-t --table',
    protocol: '-p --protocol --proto',
    source: '-s --source --src',
    destination: '-d --destination --dst',
    interface: '-i --in-interface',
    jump: '-j --jump',
    match: '-m --match',
    quiet: '-v --verbose',
    wait: '-w --wait',
    waitInterval: '-W --wait-interval',
    onlyIPv4: '-4 --ipv4',
    onlyIPv6: '-6 --ipv6',
    counters: '-c --set-counters',
    // Options of matches.
    port: '--dport --destination-port',
    ports: '--dports --destination-ports --ports',
    syn: '--syn',
    flags: '--tcp-flags',
    comment: '--comment',
    state: '--state --ctstate',
  }).flatMap(([option, names]) => names.split(' ').map((name) => [name, option] as const)),
);

/** Matches that narrow nothing by themselves, or whose options this reader knows. */
const MATCHES = new Set(['tcp', 'udp', 'multiport', 'comment', 'state', 'conntrack']);
/** The match that an option belongs to. iptables refuses a match without any of its options. */
const NEEDS = new Map([
  ['multiport', ['port', 'ports']],
  ['comment', ['comment']],
  ['state', ['state']],
  ['conntrack', ['state']],
]);
const STATES = new Set(['NEW', 'ESTABLISHED', 'RELATED', 'UNTRACKED', 'INVALID']);
const PROTOCOLS = new Map<string, Protocol | 'any'>([
  ['tcp', 'tcp'],
  ['6', 'tcp'],
  ['udp', 'udp'],
  ['17', 'udp'],
  ['all', 'any'],
]);
/** Options that iptables accepts only once. */
const ONCE = new Set(
  'append insert remove check table protocol source destination interface jump port ports syn flags state'.split(' '),
);
/** The most ports of a multiport match; a range counts twice. */
const MULTIPORT_LIMIT = 15;

const NAT = new Set(['DNAT', 'SNAT', 'REDIRECT', 'MASQUERADE', 'TPROXY', 'NETMAP']);
const SHUTS = new Set(['DROP', 'REJECT', 'TARPIT']);
const LOGS = new Set(['LOG', 'NFLOG', 'ULOG']);

/** Thrown inside, and given back as a refusal. */
class Refused extends Error {}

/** Reads the arguments of iptables or ip6tables, the program's name left out. */
export function parseIptables(argv: readonly string[], family: Family): Effect {
  try {
    return new IptablesReader(argv, family).read();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return refused(error.message);
  }
}

class IptablesReader {
  private readonly words: string[];
  private readonly family: Family;
  private at = 0;
  private readonly seen = new Set<string>();
  private readonly matches = new Set<string>();
  private readonly conditions: string[] = [];
  private does: 'allow' | 'remove' | 'check' | undefined;
  private isNumbered = false;
  private protocol: Protocol | undefined;
  private source: Rule['source'] = 'anybody';
  private spans: readonly Span[] | undefined;
  private target: string | undefined;
  private unfit: string | undefined;

  constructor(argv: readonly string[], family: Family) {
    this.words = argv.flatMap((word) => {
      const [, name, value] = /^(--[a-z0-9-]+)=(.*)$/.exec(word) ?? [];
      // iptables would read such a word as the value of the option before it.
      if (['source', 'destination', 'interface', 'protocol', 'jump'].includes(OPTIONS.get(name ?? '') ?? ''))
        return [word];
      return name === undefined || value === undefined ? [word] : [name, value];
    });
    this.family = family;
  }

  read(): Effect {
    while (this.at < this.words.length) this.readOption(this.next());
    return this.effect();
  }

  private next(): string {
    const word = this.words[this.at];
    if (word === undefined) throw new Refused('its last option has no value');
    this.at += 1;
    return word;
  }

  private readOption(word: string): void {
    if (word === '!') throw new Refused('“!” turns a condition round');
    if (!word.startsWith('-')) throw new Refused(`it has the word “${word}” where an option should be`);
    const option = OPTIONS.get(word);
    if (option === undefined) {
      this.readCondition(word);
      return;
    }
    if (ONCE.has(option) && this.seen.has(option)) throw new Refused(`${word} occurs twice`);
    this.seen.add(option);
    this.take(option, word);
  }

  private take(option: string, word: string): void {
    switch (option) {
      case 'append':
      case 'insert':
        this.readChain('allow', option === 'insert');
        break;
      case 'remove':
      case 'check':
        this.readChain(option, option === 'remove');
        break;
      case 'table':
        this.readTable(this.next());
        break;
      case 'protocol':
        this.readProtocol(this.next());
        break;
      case 'source':
        this.readSource(this.next());
        break;
      case 'destination':
      case 'interface':
        this.conditions.push(`${word} ${this.next()}`);
        break;
      case 'match':
        this.readMatch(this.next());
        break;
      case 'jump':
        this.target = this.next();
        break;
      case 'wait':
        if (/^[0-9]+$/.test(this.words[this.at] ?? '')) this.next();
        break;
      case 'counters':
        this.readCounters();
        break;
      case 'waitInterval':
        this.next();
        break;
      case 'onlyIPv4':
      case 'onlyIPv6':
        if ((option === 'onlyIPv4') !== (this.family === 'ipv4')) throw new Refused(`${word} is for the other program`);
        break;
      case 'quiet':
        break;
      default:
        this.readMatchOption(option, word);
    }
  }

  private readMatchOption(option: string, word: string): void {
    switch (option) {
      case 'port':
        this.readPort(word);
        break;
      case 'ports':
        this.mustHave('multiport', word);
        this.readMultiport();
        break;
      case 'comment':
        this.mustHave('comment', word);
        this.next();
        break;
      case 'state':
        this.mustHave(word === '--state' ? 'state' : 'conntrack', word);
        this.readStates(this.next().toUpperCase().split(','));
        break;
      default:
        // --syn matches the packet that begins a connection. A gate decides about those.
        if (this.protocol !== 'tcp') throw new Refused(`iptables knows ${word} only after -p tcp`);
        if (option === 'flags') this.readFlags(word);
    }
  }

  private readStates(states: readonly string[]): void {
    const other = states.find((state) => !STATES.has(state));
    if (other !== undefined) throw new Refused(`the state ${other} is not understood`);
    if (!states.includes('NEW')) throw new Refused('it lets in no new connections (NEW)');
  }

  /** `-c 0 0` or `-c 0,0` */
  private readCounters(): void {
    const first = this.next();
    const counts = first.includes(',') ? first.split(',') : [first, this.next()];
    if (counts.length !== 2 || !counts.every((count) => /^[0-9]{1,15}$/.test(count)))
      throw new Refused('its counters are not two numbers');
  }

  private readChain(does: 'allow' | 'remove' | 'check', mayBeNumbered: boolean): void {
    if (this.does !== undefined) throw new Refused('it does two things at once');
    this.does = does;
    const chain = this.next();
    // The number of -I CHAIN 1 is a position, that of -D CHAIN 3 names a rule.
    if (mayBeNumbered && /^[1-9][0-9]*$/.test(this.words[this.at] ?? '')) this.isNumbered = this.next() !== '';
    if (ELSEWHERE.has(chain))
      this.unfit ??= `its chain ${chain} is not about packets to this host itself; for other hosts see [[forward]]`;
    else if (!INPUT.has(chain)) this.conditions.push(`chain ${chain}`);
  }

  private readTable(table: string): void {
    if (table !== 'filter')
      this.unfit ??= `its table ${table} lets nobody in; for what leads elsewhere see [[forward]]`;
  }

  private readProtocol(text: string): void {
    const protocol = PROTOCOLS.get(text.toLowerCase());
    if (protocol === undefined)
      throw new Refused(`it lets in the protocol ${text}, and a gate hides ports of TCP and UDP`);
    if (protocol !== 'any') this.protocol = protocol;
  }

  private readSource(text: string): void {
    const source = iptablesSource(text, this.family);
    if (typeof source !== 'string') throw new Refused(source.why);
    this.source = source;
  }

  private readMatch(name: string): void {
    this.matches.add(name);
    if (!MATCHES.has(name)) this.conditions.push(`-m ${name}`);
  }

  private readPort(word: string): void {
    if (this.matches.has('multiport')) {
      if (this.matches.has('tcp') || this.matches.has('udp')) throw new Refused(`${word} is of two matches at once`);
      this.readMultiport();
      return;
    }
    // iptables loads the match of a protocol once it has read -p.
    if (this.protocol === undefined) throw new Refused(`iptables knows ${word} only after -p tcp or -p udp`);
    const span = parseSpan(this.next());
    this.setSpans(span && [span]);
  }

  private readMultiport(): void {
    if (this.protocol === undefined) throw new Refused('iptables knows ports of multiport only after -p tcp or -p udp');
    const spans = parseSpans(this.next());
    const count = spans?.reduce((sum, [first, last]) => sum + (first === last ? 1 : 2), 0) ?? 0;
    if (count > MULTIPORT_LIMIT)
      throw new Refused(`it names more than ${MULTIPORT_LIMIT} ports, which iptables refuses`);
    this.setSpans(spans);
  }

  private setSpans(spans: readonly Span[] | undefined): void {
    const text = this.words[this.at - 1];
    if (spans === undefined) throw new Refused(`“${text}” is not a port or a name that is known here`);
    if (this.spans !== undefined) throw new Refused('it names ports twice');
    this.spans = spans;
  }

  /** Accepts the flags that --syn stands for. */
  private readFlags(word: string): void {
    const [mask, set] = [this.next(), this.next()];
    const isSyn = mask.split(',').sort().join() === 'ACK,FIN,RST,SYN' && set === 'SYN';
    if (!isSyn) this.conditions.push(`${word} ${mask} ${set}`);
  }

  private mustHave(match: string, word: string): void {
    if (!this.matches.has(match)) throw new Refused(`iptables knows ${word} only after -m ${match}`);
  }

  /** Reads an unknown option as a condition that narrows the rule. Its values are the words up to the next option. */
  private readCondition(word: string): void {
    if (!/^--[a-z][a-z0-9-]*$/.test(word)) throw new Refused(`${word} is not understood`);
    const values: string[] = [];
    while (this.at < this.words.length && !/^(-|!)/.test(this.words[this.at] ?? '')) values.push(this.next());
    this.conditions.push([word, ...values].join(' '));
  }

  private effect(): Effect {
    for (const match of this.matches)
      if (NEEDS.get(match)?.some((option) => this.seen.has(option)) === false)
        throw new Refused(`iptables refuses -m ${match} without an option of it`);
    if (this.does === undefined) throw new Refused('it neither adds nor takes away a rule');
    if (this.does === 'remove' && this.isNumbered) return { does: 'remove', rule: undefined };
    if (this.target === undefined || LOGS.has(this.target))
      return { does: 'nothing', rule: this.rule(), isAdded: this.does === 'allow' };
    const why = whyNot(this.target, this.does);
    if (NAT.has(this.target)) this.unfit ??= why;
    else if (why !== undefined) return refused(why);
    return { does: this.does, rule: this.rule() };
  }

  private rule(): Rule {
    const { family, source, conditions, unfit } = this;
    return { family, source, ports: this.ports(), conditions, unfit };
  }

  private ports(): readonly PortRange[] {
    const { protocol, spans, matches } = this;
    if ((matches.has('tcp') && protocol !== 'tcp') || (matches.has('udp') && protocol !== 'udp'))
      throw new Refused('iptables wants -p and -m to name the same protocol');
    if (protocol === undefined && spans === undefined) return ALL_PORTS;
    if (protocol === undefined) throw new Refused('iptables wants -p tcp or -p udp beside ports');
    return rangesOf(spans ?? [[0, 65_535]], [protocol]);
  }
}

function whyNot(target: string, does: 'allow' | 'remove' | 'check'): Refusal['why'] | undefined {
  if (target === 'ACCEPT') return undefined;
  if (NAT.has(target)) return `its target ${target} leads elsewhere: see [[forward]]`;
  if (SHUTS.has(target))
    return does === 'remove'
      ? `it takes away a rule that blocks (${target})`
      : `it blocks (${target}) and lets nobody in`;
  return `what its target ${target} lets in is not in the command`;
}
