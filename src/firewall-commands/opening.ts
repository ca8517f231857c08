import type { Family } from '../base/addresses.ts';
import type { PortRange } from '../base/ports.ts';
import { meaningOf, scriptOf } from './command.ts';
import { type Effect, isAllPorts, keyOf, type Rule } from './rule.ts';
import { serviceOf } from './services.ts';
import { type ShellCommand, splitShell } from './shell.ts';

/** Effect of a line of commands: the ports that it opens for somebody who knocks, and everything else that it does. */
export type Opening = Opens | Runs | Closes | Unknown;

export interface Opens {
  readonly does: 'open';
  readonly ports: readonly PortRange[];
  /** Whether the line opens all ports; then `ports` means nothing. */
  readonly allPorts: boolean;
  /** Other conditions that a packet must meet, each once. */
  readonly conditions: readonly string[];
  /** Seconds after which the line itself closes again; undefined: never. */
  readonly seconds: number | undefined;
  /** Whether the line lets in everybody, not only the knocker. */
  readonly isForEverybody: boolean;
  /** Names of ports that were looked up in a table of our own. */
  readonly services: readonly string[];
  /** Commands that have nothing to do with a firewall. */
  readonly programs: readonly (readonly string[])[];
  /** Commands that do not change what the line opens. */
  readonly dropped: readonly (readonly string[])[];
}

/** A line without a command for a firewall. */
export interface Runs extends Pick<Opens, 'programs' | 'dropped'> {
  readonly does: 'run';
}

/** A line that only removes rules, such as a stop_command. */
export interface Closes extends Pick<Opens, 'programs' | 'dropped'> {
  readonly does: 'close';
}

export interface Unknown {
  readonly does: 'unknown';
  readonly why: string;
  /** Whether it is about a firewall: then it cannot become an action either. */
  readonly isFirewall: boolean;
  /** Ports that the line names. A client that waits for one of them needs nothing else. */
  readonly ports: readonly PortRange[];
  /** Whether the line may open something: it does something that the reader does not know. */
  readonly mayOpen: boolean;
}

/**
 * Reads what a line opens for somebody whose address is of a family.
 * It lists what it understands and refuses the rest: an opening is unknown when any part of it is, or when it happens only sometimes.
 */
export function openingOf(line: string, family: Family): Opening {
  const split = splitShell(line);
  if ('why' in split) return unknown(split.why, namesFirewall(line));
  const [only, ...more] = split.commands;
  const script = only === undefined || more.length > 0 ? undefined : scriptOf(only.argv);
  if (script !== undefined) return openingOf(script, family);
  if (only === undefined) return unknown('it has no command, and opens nothing', true, [], false);
  return new Line(family).follow(split.commands);
}

function unknown(why: string, isFirewall: boolean, ports: readonly PortRange[] = [], mayOpen = true): Unknown {
  return { does: 'unknown', why, isFirewall, ports, mayOpen };
}

/** Whether a line that cannot be split names a firewall's program. */
function namesFirewall(line: string): boolean {
  return /\b(?:ip6?tables|nft|ufw|firewall-cmd|ipset|knock_add|pfctl|ipfw|shorewall)\b/.test(line);
}

/** Whether the previous command succeeded. */
type Success = 'yes' | 'no' | 'unknown';

interface Opened {
  readonly rule: Rule;
  /** Seconds from the start of the line. */
  readonly at: number;
  /** undefined: never, by this line. */
  readonly until: number | undefined;
}

/** Thrown while a line is read. The caller gets an `Unknown` with the text as its reason. */
class NotUnderstood extends Error {}
class OpensNothing extends NotUnderstood {}

class Line {
  private readonly family: Family;
  private seconds = 0;
  private success: Success = 'yes';
  /** The rule that the previous command checked for with `-C`. */
  private checked: Rule | undefined;
  private readonly opened = new Map<string, Opened>();
  private pending: readonly Rule[] = [];
  private readonly programs: (readonly string[])[] = [];
  private readonly dropped: (readonly string[])[] = [];
  private readonly named: PortRange[] = [];
  private readonly services = new Set<string>();
  private isFirewall = false;
  private removes = false;

  constructor(family: Family) {
    this.family = family;
  }

  follow(commands: readonly ShellCommand[]): Opening {
    try {
      for (const command of commands) this.run(command);
      return this.result();
    } catch (error) {
      if (!(error instanceof NotUnderstood)) throw error;
      // Later commands may name a port, or belong to a firewall.
      for (const { argv } of commands) this.look(argv);
      return unknown(error.message, this.isFirewall, this.named, !(error instanceof OpensNothing));
    }
  }

  private look(argv: readonly string[]): void {
    const meaning = meaningOf(argv);
    if (meaning.for !== 'firewall') return;
    this.isFirewall = true;
    for (const effect of meaning.effects) if (effect.does === 'allow') this.named.push(...effect.rule.ports);
  }

  private run({ after, argv }: ShellCommand): void {
    const meaning = meaningOf(argv);
    const { checked } = this;
    this.checked = undefined;
    if (!this.isRun(after, meaning, checked)) {
      this.dropped.push(argv);
      return;
    }
    switch (meaning.for) {
      case 'firewall':
        this.isFirewall = true;
        for (const effect of meaning.effects) this.take(effect);
        for (const word of argv.flatMap((each) => each.split(/[\s,:{}"]+/)))
          if (serviceOf(word) !== undefined) this.services.add(word);
        break;
      case 'wait':
        this.seconds += meaning.seconds;
        this.success = 'yes';
        break;
      case 'show':
        this.dropped.push(argv);
        this.success = 'yes';
        break;
      case 'other':
        this.programs.push(argv);
        this.success = 'unknown';
    }
  }

  /** After `-C RULE || -A RULE` the rule is there in any case. */
  private isRun(
    after: ShellCommand['after'],
    meaning: ReturnType<typeof meaningOf>,
    checked: Rule | undefined,
  ): boolean {
    if (after === ';') return true;
    if (this.success !== 'unknown') return (after === '&&') === (this.success === 'yes');
    const [effect] = meaning.for === 'firewall' ? meaning.effects : [];
    const isSame = checked !== undefined && effect?.does === 'allow' && keyOf(effect.rule) === keyOf(checked);
    if (after === '||' && isSame) return true;
    if (meaning.for === 'show') return true;
    throw new NotUnderstood(`part of it runs only when the command before ${after === '&&' ? 'succeeds' : 'fails'}`);
  }

  private take(effect: Effect): void {
    this.success = 'unknown';
    switch (effect.does) {
      case 'refused':
        throw new NotUnderstood(effect.why);
      case 'allow':
        this.allow(effect);
        break;
      case 'remove':
        this.remove(effect.rule);
        break;
      case 'check':
        this.checked = effect.rule;
        break;
      case 'reload':
        this.reload();
        break;
      case 'nothing':
        // iptables fails when a user's own chain is missing.
        if (effect.isAdded && effect.rule.conditions.length === 0 && effect.rule.unfit === undefined)
          this.success = this.takes(effect.rule) ? 'yes' : 'no';
    }
  }

  /** iptables fails for an IPv6 address. It accepts a rule for everybody, which is then for IPv4. */
  private takes({ family, source }: Rule): boolean {
    return source === 'anybody' || family === undefined || family === this.family;
  }

  private allow({ rule, seconds, atReload }: Effect & { readonly does: 'allow' }): void {
    this.success = this.takes(rule) ? 'yes' : 'no';
    if (rule.family !== undefined && rule.family !== this.family) return;
    if (rule.unfit !== undefined) throw new NotUnderstood(rule.unfit);
    if (atReload) this.pending = [...this.pending, rule];
    else this.open(rule, seconds);
  }

  private open(rule: Rule, seconds?: number): void {
    // A gate cannot wait before it opens.
    if (this.seconds > 0) throw new NotUnderstood('it waits before it opens');
    const until = seconds === undefined ? undefined : this.seconds + seconds;
    this.opened.set(keyOf(rule), { rule, at: this.seconds, until });
  }

  private remove(rule: Rule | undefined): void {
    this.removes = true;
    if (rule === undefined) {
      // The removed rule may be one that this line added.
      const isOpen = [...this.opened.values()].some(({ until }) => until === undefined || until > this.seconds);
      if (isOpen) throw new NotUnderstood('it takes away a rule by its number, and which rule that is is unknown');
      return;
    }
    const key = keyOf(rule);
    this.pending = this.pending.filter((each) => keyOf(each) !== key);
    const opened = this.opened.get(key);
    if (opened === undefined) return;
    if (opened.at === this.seconds) this.opened.delete(key);
    else this.opened.set(key, { ...opened, until: Math.min(opened.until ?? this.seconds, this.seconds) });
  }

  /** After a reload firewalld has only its permanent rules. */
  private reload(): void {
    if (this.opened.size > 0) throw new NotUnderstood('it reloads a firewall that forgets what was opened before');
    for (const rule of this.pending) this.open(rule);
    this.pending = [];
    this.success = 'yes';
  }

  private result(): Opening {
    if (this.pending.length > 0) throw new NotUnderstood('it opens only when the firewall is reloaded');
    const { programs, dropped } = this;
    const opened = [...this.opened.values()];
    if (opened.length === 0) {
      if (!this.isFirewall) return { does: 'run', programs, dropped };
      if (this.removes) return { does: 'close', programs, dropped };
      throw new OpensNothing('it opens nothing');
    }
    const rules = opened.map(({ rule }) => rule);
    const lengths = opened.flatMap(({ at, until }) => (until === undefined ? [] : [until - at]));
    return {
      does: 'open',
      ports: portsOf(rules),
      allPorts: rules.some(({ ports }) => isAllPorts(ports)),
      conditions: [...new Set(rules.flatMap(({ conditions }) => conditions))],
      seconds: lengths.length === 0 ? undefined : Math.min(...lengths),
      isForEverybody: rules.some(({ source }) => source === 'anybody'),
      services: [...this.services],
      programs,
      dropped,
    };
  }
}

/** The ports of several rules, each once. */
function portsOf(rules: readonly Rule[]): PortRange[] {
  const ports = rules.flatMap((rule) => rule.ports);
  return [...new Map(ports.map((port) => [`${port.protocol}/${port.first}-${port.last}`, port])).values()];
}
