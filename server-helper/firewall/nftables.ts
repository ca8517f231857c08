import { randomBytes } from 'node:crypto';
import { type Address, contains, isIPv4 } from '../../src/base/addresses.ts';
import { covers, type PortRange } from '../../src/base/ports.ts';
import type { GrantedPort } from '../policy/policy.ts';
import { DECOY_CHAINS } from './decoy-parts.ts';
import {
  type Armed,
  type Firewall,
  type FirewallPlan,
  type GrantRequest,
  type Heartbeat,
  type LiveGrant,
  NOTHING_FOUND,
  type SequencePlan,
  STILL_ARMED,
} from './firewall.ts';
import { deafenedBy, type Flow } from './flows.ts';
import { FORWARD_CHAINS, FORWARD_MAP, leadOn, renderForwardEnds, renderNoForwards } from './forwards.ts';
import {
  elementOf,
  type GrantElement,
  openedElement,
  renderGrant,
  renderNewGrant,
  renderRevocation,
} from './grants.ts';
import { KernelSequences, type LoadSequences } from './kernel-sequences.ts';
import {
  bypassesTracking,
  endsIn,
  exists,
  has,
  LIST_RULES,
  listRules,
  readAllGrants,
  readGrants,
} from './kernel-state.ts';
import { KnownFlows } from './known-flows.ts';
import { chainNames, ourChains, parseCounters, tableHandle } from './listing.ts';
import { loadTable } from './load-table.ts';
import { runNft } from './nft-once.ts';
import { type NftEvents, NftSession } from './nft-session.ts';
import { NftTags } from './nft-tags.ts';
import { ARMED_ANEW, renderArmedAnew, SEQUENCE_CHAINS, SEQUENCE_GRANTS } from './sequences.ts';
import { hostOf } from './source.ts';
import { REMOVE_TABLE, renderGated, ruleChains } from './table.ts';
import { TableCheck } from './table-check.ts';
import { markOf } from './table-mark.ts';
import { TABLE } from './table-name.ts';
import { renderMark } from './tag-elements.ts';

/** Milliseconds for which an ended grant is remembered: longer than the pause between two looks at the table. */
const REMEMBERED = 70_000;

/** Parts of the firewall. */
export interface NftablesParts {
  /** Milliseconds that never jump, as the kernel's timeouts. */
  readonly steady: () => number;
  readonly events: NftEvents;
  /** A file of its own, through which it hands tags to nft. */
  readonly script: string;
  /** Id of this boot; undefined when it is unknown. */
  readonly boot: Uint8Array | undefined;
  readonly loadSequences: LoadSequences;
}

/** A grant as this process knows it; `until` in steady milliseconds. */
interface Remembered {
  readonly client: string;
  readonly address: GrantRequest['address'];
  readonly port: GrantedPort;
  readonly until: number;
}

/** The real firewall. The kernel holds the truth: this only remembers what it needs in order not to shorten a grant. */
export class NftablesFirewall extends NftTags implements Firewall {
  private readonly steady: () => number;
  /** Grants have a session of their own, so that they never wait behind a batch of tags. */
  private readonly grants: NftSession;
  /** Lists rules, and no elements of sets. */
  private readonly rules: NftSession;
  private readonly sequences: KernelSequences;
  private readonly live = new Map<string, Remembered>();
  private readonly check: TableCheck;
  private readonly flows = new KnownFlows();
  /** Rules of others keep packets from connection tracking, so that a connection has to be noted to live on. */
  private isUntracked = false;
  private readonly boot: Uint8Array;

  constructor({ steady, events, script, boot, loadSequences }: NftablesParts) {
    super(events, script);
    this.steady = steady;
    this.sequences = new KernelSequences(loadSequences);
    this.boot = boot ?? randomBytes(16);
    this.grants = new NftSession(events);
    this.rules = new NftSession(events, { terse: true });
    this.check = new TableCheck({
      steady,
      lookAround: async () => {
        if (this.plan !== undefined) await this.flows.look(this.plan.ports);
      },
      read: (isUrgent) => this.listing(isUrgent),
      hasTags: () => this.hasTags(),
    });
  }

  async arm(plan: FirewallPlan): Promise<Armed> {
    // Most reloads change clients alone.
    if (await this.check.isAs(plan)) return { ...STILL_ARMED, deafened: await deafenedBy(plan) };
    return await this.armWith(plan, () => this.flows.adoptAll());
  }

  private async armWith(plan: FirewallPlan, adopt: () => ReturnType<KnownFlows['adoptAll']>): Promise<Armed> {
    // A table that begins to lead strangers learns the clients' addresses along with the tags.
    const needsTags = this.plan === undefined || (plan.decoys !== undefined && !this.leadsStrangers);
    const listed = await listRules();
    const found = tableHandle(listed);
    // What another table holds counts for nothing: a saved ruleset brings back old grants, and forgets what was used since.
    const isOurs = found !== undefined && (await this.hasTags(markOf(this.boot, found)));
    const held = isOurs ? [] : [...this.live.values()];
    const granted = isOurs ? await this.grantsToKeep(plan) : [];
    const hadSequences = isOurs && (await exists('sequence_used'));
    const knewUsed = hadSequences && !(await has('sequence_used', ARMED_ANEW));
    const isKept = await loadTable(
      plan,
      granted,
      found === undefined ? 'none' : isOurs ? 'ours' : 'foreign',
      this.steady(),
    );
    const usedSequencesKnown = knewUsed && isKept;
    if (plan.sequences !== undefined) {
      if (!usedSequencesKnown) await runNft(['-f', '-'], renderArmedAnew());
      await this.sequences.set(plan.sequences, isKept ? chainNames(listed) : []);
    } else if (hadSequences && isKept) await this.sequences.end();
    const kept =
      plan.forwards.length === 0 && this.plan?.forwards.length !== 0 && (await exists(FORWARD_MAP, 'map'))
        ? await this.endLeading(granted, plan.ipv6Prefix)
        : granted;
    // Connection tracking runs from here on; what was established before it is adopted, then the ports are hidden.
    await this.flows.look(plan.ports);
    const { commands, adopted, strangers } = adopt();
    await runNft(['-f', '-'], commands);
    await this.grants.run(renderGated(plan, this.steady()));
    this.plan = plan;
    for (const grant of kept) this.live.set(...this.remembered(grant));
    await this.grantAgain(held);
    this.isUntracked = await bypassesTracking();
    this.mark = markOf(this.boot, tableHandle(await listRules()) ?? '');
    await this.tags.run(renderMark(this.mark));
    await this.check.remember(plan);
    const deafened = await deafenedBy(plan);
    const tagsKept = !needsTags && isOurs && isKept;
    return {
      adoptedFlows: adopted,
      strangers,
      deafened,
      usedSequencesKnown,
      tagsKept,
      usedTagsKnown: isOurs && isKept,
    };
  }

  /**
   * The grants that the table holds. A saved ruleset that was loaded on top of it has brought back old ones: where this process knows
   * which ones it gave, the others end. Those of sequences stay: only the kernel knows them.
   */
  private async grantsToKeep(plan: FirewallPlan): Promise<LiveGrant[]> {
    const kept = await this.sequences.named(await readGrants(plan, 'kernel'));
    for (const grant of await readGrants(plan, 'daemon')) {
      const element = this.elementOf(grant.address, grant.port);
      if (this.plan === undefined || this.live.has(liveKey(element))) kept.push(grant);
      else await this.grants.run(renderRevocation(element));
    }
    return kept;
  }

  private async grantAgain(held: readonly Remembered[]): Promise<void> {
    const now = this.steady();
    for (const { client, address, port, until } of held) {
      const seconds = Math.ceil((until - now) / 1000);
      // A range that is no longer granted has no set any more; that must not keep the others from being restored.
      if (until > now) await this.grant({ client, address, ports: [port], seconds }).catch(() => {});
    }
  }

  async restore(): Promise<Armed> {
    const { plan } = this;
    if (plan === undefined) return NOTHING_FOUND;
    return await this.armWith(plan, () => this.flows.adoptKnown((flow) => this.mayEnter(plan, flow)));
  }

  /** Whether a connection may have been let in since the last look. Windows and sequences are the kernel's business alone. */
  private mayEnter({ windows, sequences, trustedNetworks, ipv6Prefix }: FirewallPlan, { address }: Flow): boolean {
    const whole = (of: Address) => hostOf(of, ipv6Prefix);
    return (
      windows.length > 0 ||
      sequences !== undefined ||
      trustedNetworks.some((network) => contains(network, address)) ||
      [...this.live.values()].some((grant) => whole(grant.address) === whole(address))
    );
  }

  async disarm(): Promise<void> {
    await this.grants.run(REMOVE_TABLE);
    this.plan = undefined;
    this.live.clear();
  }

  async setSequences(sequences: readonly SequencePlan[]): Promise<void> {
    // Where they are left out, the table has no place for them.
    if (this.plan?.sequences !== undefined) await this.sequences.set(sequences);
  }

  async withdraw(address: Address, profile: number): Promise<void> {
    await this.grants.run(renderRevocation(openedElement(address, profile, this.ipv6Prefix)));
  }

  async grant({ client, address, ports, seconds }: GrantRequest): Promise<void> {
    const grants = ports.map((port) => {
      const remaining = (this.live.get(liveKey(this.elementOf(address, port)))?.until ?? 0) - this.steady();
      // The greater of what remains and what is asked: the kernel counts whole seconds here.
      return { client, address, port, seconds: Math.max(seconds, Math.ceil(remaining / 1000)) };
    });
    // Where it leads first: opened before it, the port would be this host's own for a moment.
    for (const { port, seconds: whole } of grants)
      await leadOn((commands) => this.grants.run(commands), address, port, whole, this.ipv6Prefix);
    // One line, one transaction: all ports or none.
    const command = (isNew: (element: GrantElement) => boolean): string =>
      grants
        .map(({ port, seconds }) => ({ element: this.elementOf(address, port), seconds }))
        .map(({ element, seconds }) => (isNew(element) ? renderNewGrant : renderGrant)(element, seconds, client))
        .join('; ');
    // Somebody may have granted it by hand, or nft have died since the last change: the second way works and harms nothing.
    const firstTry = this.grants.run(command((element) => !this.live.has(liveKey(element))));
    await firstTry.catch(() => this.grants.run(command(() => false))).catch((error: unknown) => this.failed(error));
    for (const grant of grants) this.live.set(...this.remembered(grant));
  }

  async list(): Promise<LiveGrant[]> {
    return this.plan === undefined ? [] : await readAllGrants(this.plan, (grants) => this.sequences.named(grants));
  }

  async revoke(matches: (grant: LiveGrant) => boolean): Promise<number> {
    const ended = (await this.list()).filter(matches);
    for (const { address, port } of ended) {
      const element = this.elementOf(address, port);
      this.live.delete(liveKey(element));
      await this.grants.run(renderRevocation(element));
      for (const [profile, ports] of this.plan?.profiles ?? [])
        if (ports.some((each) => covers(each, port))) await this.withdraw(address, profile);
      const leads = this.plan?.forwards.length !== 0 && port.first === port.last;
      const ends = leads ? renderForwardEnds(address, port, this.ipv6Prefix) : [];
      // One of the two is not there, or neither.
      for (const command of ends) await this.grants.run(command).catch(() => {});
      // Whichever way it was given; a sequence opens no ranges.
      if (this.plan?.sequences !== undefined && port.first === port.last)
        await this.grants.run(renderRevocation({ ...element, set: SEQUENCE_GRANTS[isIPv4(address) ? 4 : 6] }));
    }
    return ended.length;
  }

  async heartbeat(): Promise<Heartbeat> {
    if (this.plan === undefined) return 'intact';
    this.forgetEnded();
    if (this.plan.openAfter !== undefined && this.plan.trialUntil === undefined) {
      const renewed = await this.grants.run(renderGated(this.plan, this.steady())).catch(() => undefined);
      if (renewed === undefined) return 'gone';
    }
    if (!this.check.isDue) return 'intact';
    const found = await this.check.look();
    const commands = found === 'intact' ? this.flows.settle(this.isUntracked) : '';
    if (commands !== '') await this.run(commands).catch(() => {});
    return found;
  }

  async counters(): Promise<Record<string, number>> {
    const json = await runNft(['-j', '-t', ...LIST_RULES], '').catch(() => undefined);
    return json === undefined ? {} : parseCounters(json);
  }

  async close(): Promise<void> {
    this.grants.close();
    this.tags.close();
    this.rules.close();
  }

  /**
   * Nothing leads on any more: grants that did would open this host's own ports, so they end. After a restart all do, for nobody
   * knows which led on.
   * @returns the others
   */
  private async endLeading(granted: readonly LiveGrant[], ipv6Prefix: number): Promise<readonly LiveGrant[]> {
    const { forwards } = this.plan ?? {};
    const led = ({ port }: LiveGrant) => forwards === undefined || forwards.some((each) => covers(each.port, port));
    for (const { address, port } of granted.filter(led)) {
      const element = elementOf(address, port, ipv6Prefix);
      this.live.delete(liveKey(element));
      await this.grants.run(renderRevocation(element));
    }
    await runNft(['-f', '-'], renderNoForwards());
    return granted.filter((grant) => !led(grant));
  }

  private remembered({ client, address, port, seconds }: LiveGrant): [string, Remembered] {
    const until = this.steady() + seconds * 1000;
    const key = liveKey(this.elementOf(address, port));
    // The kernel's list of grants does not say where they lead.
    const forward = port.forward ?? this.live.get(key)?.port.forward;
    return [key, { client, address, port: forward === undefined ? port : { ...port, forward }, until }];
  }

  /** Lists what must be as it was armed: all rules, what is hidden, where knocks are heard. Not grants, tags and flows. */
  private async listing(isUrgent: boolean): Promise<string | undefined> {
    const listed = await this.rules.run(LIST_RULES.join(' '), isUrgent);
    const isFollowing = this.plan?.sequences !== undefined;
    const more = isFollowing ? [...SEQUENCE_CHAINS] : [];
    if (this.plan?.forwards.length !== 0) more.push(...FORWARD_CHAINS);
    if (this.leadsStrangers) more.push(...DECOY_CHAINS);
    const rules = ourChains(listed, [...(this.plan === undefined ? [] : ruleChains(this.plan)), ...more]);
    if (rules === undefined) return undefined;
    // The guard's time follows the tags.
    const lasting = rules.replace(/(\tmeta time > )"[^"]*"( goto ask) # handle \d+$/m, '$1END$2');
    const ends = isFollowing && endsIn(listed) !== this.sequences.ends ? 'steps of sequences end in another way' : '';
    const sets = await this.tags.run(`list set ${TABLE} gated\nlist set ${TABLE} knockports`, isUrgent);
    return `${tableHandle(listed)}${lasting}${ends}${sets}`;
  }

  protected doubt(): void {
    this.check.doubt();
  }

  private forgetEnded(): void {
    for (const [key, { until }] of this.live) {
      if (until + REMEMBERED < this.steady()) this.live.delete(key);
    }
  }

  private elementOf(address: GrantRequest['address'], port: PortRange): GrantElement {
    return elementOf(address, port, this.ipv6Prefix);
  }
}

function liveKey({ set, key }: { set: string; key: string }): string {
  return `${set} ${key}`;
}
