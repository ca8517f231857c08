import type { Family } from '../base/addresses.ts';
import type { PortRange, Protocol } from '../base/ports.ts';
import { parseSpans, rangesOf } from './port-list.ts';
import { ALL_PORTS, type Effect, KNOCKER, type Rule, refused } from './rule.ts';
import { serviceOf } from './services.ts';

const ACTIONS = new Set(['allow', 'limit', 'deny', 'reject']);
/** Application profiles of ufw that are the same on every system. */
const PROFILES = new Map<string, readonly PortRange[]>([['OpenSSH', [{ protocol: 'tcp', first: 22, last: 22 }]]]);
const ANYBODY = new Set(['any', '0.0.0.0/0', '::/0']);

/** Thrown inside, and given back as a refusal. */
class Refused extends Error {}

/** Reads the arguments of ufw: `allow from %IP% to any port 22 proto tcp`, `delete allow 22/tcp`. */
export function parseUfw(argv: readonly string[]): Effect {
  try {
    return new UfwReader(argv).read();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return refused(error.message);
  }
}

class UfwReader {
  private readonly words: string[];
  private at = 0;
  private readonly conditions: string[] = [];
  private source: Rule['source'] = 'anybody';
  private family: Family | undefined;
  private readonly seen = new Set<string>();
  private protocol: Protocol | undefined;
  private port: string | undefined;
  private profile: string | undefined;

  constructor(argv: readonly string[]) {
    this.words = [...argv];
  }

  read(): Effect {
    const isForced = this.skip('--force');
    this.skip('rule');
    const isRemoved = this.skip('delete');
    // `--force` answers the question that ufw asks before it deletes. ufw refuses it with other commands.
    if (isForced && !isRemoved) throw new Refused('ufw takes --force only before delete');
    if (isRemoved && /^[1-9][0-9]*$/.test(this.words[this.at] ?? '')) return { does: 'remove', rule: undefined };
    const isInserted = this.skip('insert');
    if (isInserted) this.readPosition();
    else this.skip('prepend');
    const action = this.next();
    if (action === 'route') throw new Refused('ufw route is about packets to other hosts: see [[forward]]');
    if (!ACTIONS.has(action)) throw new Refused(`ufw ${action} is not understood`);
    if (action === 'limit') this.conditions.push('limit');
    this.readDirection();
    if (!this.skip('log')) this.skip('log-all');
    this.readRule();
    if (action === 'deny' || action === 'reject')
      throw new Refused(
        isRemoved ? `it takes away a rule that blocks (${action})` : `it blocks (${action}) and lets nobody in`,
      );
    // ufw's list has the IPv4 rules first, and ufw refuses to insert an IPv6 rule among them.
    if (isInserted && this.source === 'knocker') this.onlyIPv4();
    const { family, source, conditions } = this;
    return {
      does: isRemoved ? 'remove' : 'allow',
      rule: { family, source, ports: this.ports(), conditions },
    };
  }

  private readPosition(): void {
    const position = this.next();
    if (!/^[1-9][0-9]*$/.test(position)) throw new Refused(`ufw has no position ${position}`);
  }

  private onlyIPv4(): void {
    if (this.family === 'ipv6') throw new Refused('ufw inserts no rule for IPv6 there');
    this.family = 'ipv4';
  }

  private only(family: Family): void {
    if (this.family !== undefined && this.family !== family)
      throw new Refused('its addresses are of IPv4 and of IPv6, which ufw refuses');
    this.family = family;
  }

  private next(): string {
    const word = this.words[this.at];
    if (word === undefined) throw new Refused('it ends too early');
    this.at += 1;
    return word;
  }

  private skip(word: string): boolean {
    const isThere = this.words[this.at] === word;
    if (isThere) this.at += 1;
    return isThere;
  }

  private readDirection(): void {
    if (this.skip('out')) throw new Refused('it is about what goes out');
    if (this.skip('in') && this.skip('on')) this.conditions.push(`on ${this.next()}`);
  }

  private readRule(): void {
    const first = this.words[this.at] ?? '';
    if (['from', 'to', 'proto'].includes(first)) this.readParts();
    else this.readShort(this.next());
    if (this.skip('comment')) this.next();
    if (this.at < this.words.length) throw new Refused(`ufw’s “${this.words[this.at]}” is not understood`);
  }

  /** Reads `22`, `22/tcp`, `ssh` or the name of a profile. */
  private readShort(text: string): void {
    const [port = '', protocol, ...more] = text.split('/');
    if (more.length > 0) throw new Refused(`“${text}” is not understood`);
    if (protocol !== undefined) this.readProtocol(protocol);
    if (PROFILES.has(text)) this.profile = text;
    else this.port = port;
  }

  private readParts(): void {
    let side: 'from' | 'to' | undefined;
    while (this.at < this.words.length && this.words[this.at] !== 'comment') {
      const key = this.next();
      const once = key === 'from' || key === 'to' || key === 'proto' ? key : `${side} ${key}`;
      if (this.seen.has(once)) throw new Refused(`${key} occurs twice`);
      this.seen.add(once);
      if (key === 'from' || key === 'to') {
        side = key;
        this.readAddress(key, this.next());
      } else if (key === 'proto') this.readProtocol(this.next());
      else if (key === 'port' || key === 'app') this.readPort(side, key, this.next());
      else throw new Refused(`ufw’s “${key}” is not understood`);
    }
  }

  private readAddress(side: 'from' | 'to', address: string): void {
    // ufw refuses a rule whose two addresses are of different versions.
    if (/^[0-9a-f]*:/i.test(address)) this.only('ipv6');
    else if (/^[0-9]/.test(address)) this.only('ipv4');
    if (ANYBODY.has(address)) return;
    if (side === 'to') this.conditions.push(`to ${address}`);
    else this.readKnocker(address);
  }

  /**
   * Reads `%IP%`, or a network around it. ufw refuses a prefix that is longer than the address, so one above 32 is for IPv6
   * only.
   */
  private readKnocker(address: string): void {
    const [host, prefix = '1', ...more] = address.split('/');
    const isPrefix = /^[1-9][0-9]{0,2}$/.test(prefix) && Number(prefix) <= 128;
    if (host !== KNOCKER || !isPrefix || more.length > 0)
      throw new Refused(`it lets in ${address}, not who has knocked`);
    this.source = 'knocker';
    if (Number(prefix) > 32) this.only('ipv6');
  }

  private readProtocol(text: string): void {
    if (text === 'any') return;
    if (text !== 'tcp' && text !== 'udp')
      throw new Refused(`it lets in the protocol ${text}, and a gate hides ports of TCP and UDP`);
    this.protocol = text;
  }

  private readPort(side: 'from' | 'to' | undefined, key: 'port' | 'app', value: string): void {
    if (side === undefined) throw new Refused(`${key} comes before from and to`);
    if (side === 'from') this.conditions.push(`from ${key} ${value}`);
    else if (key === 'app') this.profile = value;
    else this.port = value;
  }

  private ports(): readonly PortRange[] {
    const { profile, port, protocol } = this;
    if (profile !== undefined) {
      const ports = PROFILES.get(profile);
      if (ports === undefined || port !== undefined || protocol !== undefined)
        throw new Refused(`what the profile ${profile} opens is in a file of ufw (ufw app info)`);
      return ports;
    }
    if (port === undefined || port === 'any')
      return protocol === undefined ? ALL_PORTS : rangesOf([[0, 65_535]], [protocol]);
    const spans = parseSpans(port);
    if (spans === undefined || spans.some(([first]) => first === 0))
      throw new Refused(`“${port}” is not a port or a name that is known here`);
    if (protocol !== undefined) return rangesOf(spans, [protocol]);
    const isOne = spans.length === 1 && spans[0]?.[0] === spans[0]?.[1];
    if (!isOne) throw new Refused('ufw wants proto tcp or proto udp beside several ports');
    return rangesOf(spans, serviceOf(port)?.protocols ?? ['tcp', 'udp']);
  }
}
