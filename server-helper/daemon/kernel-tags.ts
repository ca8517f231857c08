import { type Address, formatAddress } from '../../src/base/addresses.ts';
import type { CryptoProvider } from '../../src/spa/crypto.ts';
import { EPOCH_SECONDS, epochAt, mostEpochs } from '../../src/spa/tags.ts';
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import type { LoadedGate } from '../config/load.ts';
import { LEAD_SECONDS } from '../config/plan.ts';
import type { Firewall, SeenTag } from '../firewall/firewall.ts';
import { KnownAddresses } from '../verify/known-addresses.ts';
import type { KnownClient } from '../verify/known-client.ts';
import { TagIndex, type TagSource } from '../verify/tags.ts';
import { ClientSources } from './client-sources.ts';
import type { LastHeard } from './last-heard.ts';
import type { Pauses } from './pauses.ts';
import { tagBudget } from './tag-budget.ts';
import type { TagPlan } from './tag-plan.ts';
import { TagRotation } from './tag-rotation.ts';

export interface KernelTagsParts {
  readonly crypto: CryptoProvider;
  readonly clock: Clock;
  readonly firewall: Firewall;
  readonly audit: Audit;
  /** Path of the file with the addresses that clients have proved to be their own. */
  readonly knownAddresses: string;
  readonly lastHeard: LastHeard;
}

/** Decides which tags the kernel holds: those of the configuration's clients, and of the addresses that they are known by. */
export class KernelTags {
  readonly index: TagIndex;
  readonly rotation: TagRotation;
  private readonly parts: KernelTagsParts;
  private readonly known: KnownAddresses;
  private readonly sources: ClientSources;
  /** The configuration whose clients the known addresses follow. */
  private adopted: LoadedGate | undefined;

  constructor(parts: KernelTagsParts, pauses: Pauses, loaded: LoadedGate) {
    this.parts = parts;
    const { crypto, clock, firewall, knownAddresses } = parts;
    this.index = new TagIndex(crypto);
    this.sources = new ClientSources(crypto);
    this.known = new KnownAddresses(knownAddresses, clock.wall());
    this.rotation = new TagRotation(clock, firewall, this.index, pauses, this.planFor(loaded));
  }

  /** Follows a configuration, and what is known of its clients. @param kept whether the kernel still has the tags that it was given */
  follow(loaded: LoadedGate, kept: boolean): Promise<void> {
    const plan = this.planFor(loaded);
    this.index.forgetNamedBut(plan.sources);
    return this.rotation.swap(plan, kept);
  }

  /** Notes an address that a client has proved to be its own. @returns whether the kernel is to be told */
  learn(client: KnownClient, address: Address): boolean {
    return this.known.note(client, address, this.parts.clock.wall());
  }

  /** Forgets addresses that were last used too long ago. @returns whether the kernel is to be told */
  expire(): boolean {
    return this.known.expire(this.parts.clock.wall());
  }

  /** Forgets all addresses. */
  forget(): void {
    this.known.forgetAll(this.parts.clock.wall());
  }

  /** Takes back the tags that a client has sent before in the same attempt. */
  async burn(client: KnownClient, earlier: readonly Uint8Array[]): Promise<void> {
    if (earlier.length > 0) await this.rotation.burn(earlier, client.pair.clientPublic).catch(() => {});
  }

  /**
   * Counts all tags as used that the kernel has seen: an earlier daemon may have granted them, and its record may be gone.
   * @returns those by which the kernel has opened while nobody heard of it
   */
  async openedUnheard(): Promise<readonly SeenTag[]> {
    const { firewall, clock, lastHeard } = this.parts;
    const now = clock.wall();
    const seen = await firewall.seenTags().catch(() => []);
    this.index.noteUsed(
      seen.map(({ tag }) => tag),
      epochAt(now) + Math.ceil((2 * LEAD_SECONDS) / EPOCH_SECONDS),
    );
    const since = lastHeard.read();
    return seen.filter(({ isOpened, secondsAgo }) => isOpened && now - secondsAgo * 1000 > since);
  }

  /** Names an opening of which nobody heard. */
  tellUnheard({ tag }: SeenTag): void {
    const source = this.index.holderOf(tag)?.source;
    const client = source?.client.policy.name;
    const [address] = source?.addresses ?? [];
    this.parts.audit({
      event: 'opened-unheard',
      ...(client !== undefined && { client }),
      ...(address !== undefined && { source: formatAddress(address) }),
      detail: 'the kernel opened while no daemon heard packets',
    });
  }

  /** Plans the tags of a configuration. */
  private planFor(loaded: LoadedGate): TagPlan {
    const { clients, config } = loaded;
    const { gate } = config;
    if (loaded !== this.adopted) this.known.adopt(clients, gate.ipv6Prefix, this.parts.clock.wall());
    this.adopted = loaded;
    const isOrdinaryAhead = gate.withoutDaemon === 'first';
    const addresses = clients.map((client) => this.known.of(client));
    const toleranceMs = gate.clockTolerance * 1000;
    const budget = tagBudget({
      clients: clients.length,
      addresses: addresses.filter(({ length }) => length > 0).map((known) => this.sources.placesOf(known)),
      slots: gate.slots,
      near: mostEpochs(toleranceMs),
      leadSeconds: LEAD_SECONDS,
      isOrdinaryAhead,
      memoryBytes: gate.tagMemory * 1024 * 1024,
    });
    const sources: TagSource[] = [];
    const rules = { most: budget.addresses, isOrdinaryAhead };
    clients.forEach((client, i) => {
      sources.push(...this.sources.of(client, addresses[i] ?? [], rules));
    });
    return { toleranceMs, slots: gate.slots, budget, isOrdinaryAhead, sources };
  }
}
