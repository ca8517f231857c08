import { joined, phrase } from '../../base/phrase.ts';
import { formatClientLine } from '../../spa/enrolment.ts';
import type { PairKeys } from '../../spa/outer.ts';
import type { Host } from '../gate/host.ts';
import { rememberGrant } from '../gate/live-grant.ts';
import { findTarget, type Target } from '../gate/target.ts';
import { provingPort } from '../hosts/proving-port.ts';
import type { Through } from '../network/wait.ts';
import { noRoute, slotsExhausted } from '../problems.ts';
import { afterKnock, portsInWords } from './after-knock.ts';
import { type Diagnosis, type Step, utc, type Verdict } from './diagnosis.ts';
import { lookBefore } from './look-before.ts';
import { tryClocks } from './try-clocks.ts';
import { type PortTried, tryPorts } from './try-ports.ts';
import {
  allWell,
  clockOff,
  clockSetRight,
  familyShut,
  noGreeting,
  notHidden,
  openFromBefore,
  ownFirewall,
  portBlocked,
  serviceDown,
  silence,
  stumbled,
  udpOnly,
} from './verdicts.ts';
import { type DiagnoseIo, Walk } from './walk.ts';
import { findWays, type Way, waysInWords, withFamily } from './way.ts';

/** Host with a gate to diagnose. */
export interface Subject {
  readonly host: Host;
  /** Port of ssh; undefined when it is unknown. */
  readonly sshPort: number | undefined;
  /** Keys that this client and that gate derive for each other. Rejects with a Problem when there is no key. */
  readonly pair: () => Promise<PairKeys>;
  readonly hasPsk: boolean;
  /** Name for this client in the enrolment line. */
  readonly keyName: string;
  /** Last time at which this device opened it, in unix milliseconds; undefined when it is unknown. */
  readonly openedMs: number | undefined;
}

type Tested = Target & { readonly probePort: number };
type Reached = Way & { readonly ok: true };

/**
 * Diagnoses a knock step by step, and names the step that fails. It opens one connection at a time, and as few as possible: servers
 * punish addresses that connect and leave.
 * @param tell called for each step as it is done
 * @throws Problem `cancelled`
 */
export async function diagnose(
  subject: Subject,
  io: DiagnoseIo,
  signal: AbortSignal,
  tell: (step: Step) => void,
): Promise<Diagnosis> {
  return new GateWalk(subject, io, signal, tell).diagnosis();
}

class GateWalk extends Walk<Subject> {
  protected override names(): readonly string[] {
    const { name, gate, address } = this.subject.host;
    return [name, gate.name, ...gate.addresses, ...(address === undefined ? [] : [address])];
  }

  protected override async go(): Promise<Verdict> {
    const { host, sshPort } = this.subject;
    const found = await this.findName();
    const ways = await this.findWays(found);
    const pair = await this.findKey();
    this.noteClock(pair);
    const reached = ways.filter((way) => way.ok);
    if (reached.length === 0) return stumbledOnRoute(host.name, ways);
    const probePort = provingPort(found.ports, sshPort, found.probePort);
    if (probePort === undefined) return udpOnly(host.name);
    const target = { ...found, probePort };
    const before = await lookBefore(target, reached, this.io, this.signal);
    this.stopIfAborted();
    this.notes.add('Before any knock', before.result, before.finding);
    if (before.through !== undefined) return this.openBefore(before.through, target, pair);
    return this.knock(target, reached, pair);
  }

  private async findName(): Promise<Target> {
    const { host } = this.subject;
    const target = await this.noted('Name', findTarget(host, host.ports, this.io, this.signal));
    this.noteName(target.addresses);
    return target;
  }

  private async findWays(target: Target): Promise<Way[]> {
    const ways = await findWays(target, this.io.openRoute);
    for (const way of ways) if (way.ok) this.addresses.add(way.localAddress);
    this.notes.add('Route', ways.some(({ ok }) => ok) ? 'ok' : 'not ok', waysInWords(ways));
    return ways;
  }

  private async findKey(): Promise<PairKeys> {
    const { pair: findPair, hasPsk, keyName } = this.subject;
    const pair = await this.noted('Key', findPair());
    this.clientLine = formatClientLine({ key: pair.clientPublic, name: keyName });
    const keys = hasPsk
      ? phrase('There is a client key, and a pre-shared key, too.')
      : phrase('There is a client key, and no pre-shared key.');
    const shows = phrase('Whether the gate knows it shows when it opens.');
    this.notes.add('Key', 'ok', joined([keys, shows], ' '));
    return pair;
  }

  private noteClock(pair: PairKeys): void {
    const [offsetMs = 0] = this.io.ledger.clocks(pair, this.subject.host.name);
    const learned = offsetMs === 0 ? [] : [phrase('Knocks to this gate are corrected by {0} s.', offsetMs / 1000)];
    const tolerance = phrase(
      'A gate accepts knocks that are up to a minute off, unless it is configured otherwise, and never reveals its time.',
    );
    const now = phrase('It is {0} here.', utc(this.io.clock.wallMs()));
    this.notes.add('Clock', 'unknown', joined([now, ...learned, tolerance], ' '));
  }

  private async openBefore(through: Through, target: Tested, pair: PairKeys): Promise<Verdict> {
    const { host } = this.subject;
    // A knock goes to every address of the host; the ledger has the one that answered first.
    const live = this.io.ledger.look(pair).grants.filter((grant) => target.addresses.includes(grant.address));
    const untilMs = Math.max(0, ...live.map(({ until }) => until));
    const leftSeconds = Math.ceil((untilMs - this.io.clock.wallMs()) / 1000);
    const isGrant = leftSeconds > 0;
    const grant = isGrant ? phrase('{0} s left.', leftSeconds) : phrase('None of ours.');
    this.notes.add('Grant', isGrant ? 'ok' : 'unknown', grant);
    if (!(await this.greet(through))) return noGreeting(host.name, through.port);
    return isGrant ? openFromBefore(host.name, leftSeconds) : notHidden(host.name);
  }

  private async knock(target: Tested, reached: readonly Reached[], pair: PairKeys): Promise<Verdict> {
    const { host } = this.subject;
    const addresses = reached.map(({ address }) => address);
    const startedMs = this.io.clock.wallMs();
    const tried = await tryPorts(target, addresses, pair, this.io, this.signal);
    this.stopIfAborted();
    const last = tried.at(-1);
    if (last === undefined) throw slotsExhausted(host.name, target.slots);
    const works = last.waited?.kind === 'open' || last.waited?.kind === 'refused';
    this.notes.add('Knock ports', works ? 'ok' : 'not ok', portsInWords(tried, target.knockPorts));
    if (last.waited?.kind === 'open') return this.opened(last.waited, tried, target, reached, pair, startedMs);
    if (last.waited?.kind === 'refused') {
      const refuses = phrase('{0} refuses tcp/{1}.', withFamily(last.waited.address), target.probePort);
      this.notes.add('After a knock', 'ok', refuses);
      this.notes.add('Greeting of sshd', 'not ok', phrase('Nothing listens.'));
      return serviceDown(host.name, target.probePort);
    }
    const codes = tried.flatMap((each) => each.codes);
    if (tried.every(({ waited }) => waited === undefined)) return ownFirewall(host.name, codes);
    return this.unanswered(target, reached, pair);
  }

  private async unanswered(target: Tested, reached: readonly Reached[], pair: PairKeys): Promise<Verdict> {
    const { host, hasPsk, openedMs } = this.subject;
    this.notes.add('After a knock', 'not ok', phrase('tcp/{0} stays silent.', target.probePort));
    const found = await tryClocks(target, reached, pair, this.io, this.signal);
    this.stopIfAborted();
    const wallMs = this.io.clock.wallMs();
    if (found !== undefined) {
      // The correction that opened the gate now will open it the next time.
      const { offsetMs, spent } = found;
      await this.io.ledger.learnClock(pair, host.name, offsetMs, spent);
      const verdict = offsetMs === 0 ? clockSetRight(host.name) : clockOff(host.name, offsetMs, wallMs);
      this.notes.add('Clock', 'not ok', verdict.what);
      return verdict;
    }
    const behindNat = reached.filter((way) => !way.isGlobal).map(({ localAddress }) => localAddress);
    const claimed = reached.filter((way) => way.isClaimed).map(({ localAddress }) => localAddress);
    return silence({
      host: host.name,
      knockPorts: target.knockPorts,
      wallMs,
      privateAddresses: [...new Set(behindNat)],
      claimed: [...new Set(claimed)],
      port: target.probePort,
      hasPsk,
      openedMs,
    });
  }

  private async opened(
    through: Through,
    tried: readonly PortTried[],
    target: Tested,
    reached: readonly Reached[],
    pair: PairKeys,
    startedMs: number,
  ): Promise<Verdict> {
    const { host } = this.subject;
    const families = await afterKnock(through, tried, target, this.io, this.signal);
    this.notes.add('After a knock', families.shut.length > 0 ? 'not ok' : 'ok', families.finding);
    this.notes.add('Clock', 'ok', phrase('The gate took the time of our knock.'));
    const way = reached.find(({ address }) => address === through.address);
    if (way !== undefined) {
      const untilMs = await rememberGrant(target, pair, through.address, way.localAddress, startedMs, this.io);
      const { afterMs = 0 } = tried.at(-1) ?? {};
      const knocks = tried.reduce((sum, each) => sum + each.knocks, 0);
      const { address, port } = through;
      this.wasOpened = { address, port, afterMs, knocks, sourceClaimed: way.isClaimed, untilMs };
    }
    const grant =
      target.duration === 0
        ? phrase('New connections are let in for as long as the gate chooses.')
        : phrase('New connections are let in for {0} s from the knock on.', target.duration);
    this.notes.add('Grant', 'ok', grant);
    if (!(await this.greet(through))) return noGreeting(host.name, target.probePort);
    const works = tried.at(-1)?.port;
    const blocked = tried.slice(0, -1).map(({ port }) => port);
    if (works !== undefined && blocked.length > 0) return portBlocked(host.name, blocked, works);
    if (families.shut.length > 0) return familyShut(host.name, families.open, families.shut);
    return allWell(host.name);
  }
}

function stumbledOnRoute(host: string, ways: readonly Way[]): Verdict {
  const codes = ways.flatMap((way) => (way.ok ? [] : [way.code]));
  const addresses = ways.map(({ address }) => address);
  return stumbled(noRoute(host, addresses, codes).parts);
}
