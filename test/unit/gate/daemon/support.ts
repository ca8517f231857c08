import { dirname, join } from 'node:path';
import type { AuditEntry } from '../../../../server-helper/audit/audit.ts';
import type { Capture, CaptureEvents } from '../../../../server-helper/capture/capture.ts';
import type { Packet } from '../../../../server-helper/capture/packet.ts';
import { planOf } from '../../../../server-helper/config/plan.ts';
import type { Door } from '../../../../server-helper/daemon/door.ts';
import { Gate } from '../../../../server-helper/daemon/gate.ts';
import { LastHeard } from '../../../../server-helper/daemon/last-heard.ts';
import type {
  Armed,
  BoundAddress,
  FirewallPlan,
  GrantRequest,
  Heartbeat,
  LoadedTags,
  SeenTag,
  SequencePlan,
  TagClaim,
} from '../../../../server-helper/firewall/firewall.ts';
import { MemoryFirewall } from '../../../../server-helper/firewall/memory.ts';
import { formatMark, isDaemonOnly } from '../../../../server-helper/firewall/tag-marks.ts';
import { type Address, formatAddress } from '../../../../src/base/addresses.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { TAG_LENGTH } from '../../../../src/spa/tags.ts';
import { auditLog, BOOT, FakeClock, loadedFrom, packetOf, SHORTEST, SOURCE, temporaryFolder } from '../support.ts';

/** A tag that the kernel has; `until` in steady milliseconds. */
interface HeldTag {
  readonly mark: number;
  readonly until: number;
}

/** The kernel's verdict on a packet. */
export type KernelVerdict = 'opens' | 'asks' | 'drops';

/**
 * A fake of the kernel, for what the real one cannot show to a unit test. It records each call, and fails when a test says
 * so. Like the kernel, it times tags out, keeps a tag's first mark, and changes all or nothing. test/gate runs the real one.
 */
export class RecordingFirewall extends MemoryFirewall {
  readonly calls: string[] = [];
  readonly plans: FirewallPlan[] = [];
  sequences: readonly SequencePlan[] = [];
  usedSequencesKnown = true;
  usedTagsKnown = true;
  found: Heartbeat = 'intact';
  /** Name of the call that fails. */
  failing = '';
  /** Tags that were given while the kernel still had them. */
  addedWhileAlive = 0;
  /** Tags and addresses that were added and removed one by one, or some at a time. */
  touched = 0;
  /** Until when the kernel opens by itself; unix milliseconds. */
  opensUntil = 0;
  /** The result of `seenTags`. */
  opened: SeenTag[] = [];
  /** Addresses for which the kernel's own openings were taken back, each with the profile. */
  readonly withdrawn: string[] = [];
  /** By the tag in hexadecimal, in the order in which they came. */
  private tags = new Map<string, HeldTag>();
  private addresses = new Set<string>();
  private readonly clock: FakeClock;

  constructor(clock: FakeClock) {
    super(() => clock.steady());
    this.clock = clock;
  }

  override async arm(plan: FirewallPlan): Promise<Armed> {
    this.note('arm');
    this.plans.push(plan);
    return this.armed(3);
  }

  override async restore(): Promise<Armed> {
    this.note('restore');
    this.found = 'intact';
    this.forget();
    return this.armed(2);
  }

  override async setSequences(sequences: readonly SequencePlan[] = []): Promise<void> {
    this.note('setSequences');
    this.sequences = sequences;
  }

  override async disarm(): Promise<void> {
    this.note('disarm');
    this.forget();
  }

  override async addTags(tags: readonly LoadedTags[] = []): Promise<void> {
    if (tags.length === 0) return;
    this.note('addTags');
    this.touched += textsOf(tags).length;
    this.tags = this.with(this.tags, tags);
  }

  override async replaceTags(tags: readonly LoadedTags[] = [], addresses: readonly BoundAddress[] = []): Promise<void> {
    this.note('replaceTags');
    this.tags = this.with(new Map(), tags);
    this.addresses = new Set(addresses.map(elementOf));
  }

  override async removeTags(tags: readonly LoadedTags[] = []): Promise<void> {
    if (tags.length === 0) return;
    this.note('removeTags');
    const texts = textsOf(tags);
    this.touched += texts.length;
    if (texts.some((text) => this.held(text) === undefined)) throw new Error('the kernel has no such tag');
    for (const text of texts) this.tags.delete(text);
  }

  override async burnTags(tags: readonly LoadedTags[] = []): Promise<void> {
    if (tags.length === 0) return;
    this.note('burnTags');
    for (const text of textsOf(tags)) this.tags.delete(text);
  }

  override async claimTag(): Promise<TagClaim> {
    this.note('claimTag');
    return await super.claimTag();
  }

  override async addAddresses(addresses: readonly BoundAddress[] = []): Promise<void> {
    if (addresses.length === 0) return;
    this.note('addAddresses');
    this.touched += addresses.length;
    for (const address of addresses) this.addresses.add(elementOf(address));
  }

  override async removeAddresses(addresses: readonly BoundAddress[] = []): Promise<void> {
    if (addresses.length === 0) return;
    this.note('removeAddresses');
    this.touched += addresses.length;
    for (const address of addresses)
      if (!this.addresses.delete(elementOf(address))) throw new Error('the kernel has no such address');
  }

  override async openUntil(time = 0): Promise<void> {
    this.note('openUntil');
    this.opensUntil = time;
  }

  override async isHearing(): Promise<void> {
    this.note('isHearing');
  }

  override async seenTags(): Promise<SeenTag[]> {
    this.note('seenTags');
    return this.opened;
  }

  override async withdraw(address: Address = new Uint8Array(16), profile = 0): Promise<void> {
    this.note('withdraw');
    this.withdrawn.push(`${formatAddress(address)} ${profile}`);
  }

  override async grant(request: GrantRequest): Promise<void> {
    this.note('grant');
    await super.grant(request);
  }

  override async heartbeat(): Promise<Heartbeat> {
    this.note('heartbeat');
    return this.found;
  }

  override async close(): Promise<void> {
    this.note('close');
  }

  /** Tags that the kernel would match now. */
  alive(): string[] {
    return [...this.tags.keys()].filter((key) => this.held(key) !== undefined);
  }

  /** Mark of a tag that the kernel would match now. */
  markOf(tag: Uint8Array): number | undefined {
    return this.held(hexOf(tag.subarray(0, TAG_LENGTH)))?.mark;
  }

  /** For which addresses the kernel opens, each behind its mark. */
  known(): string[] {
    return [...this.addresses].sort();
  }

  /** The decision of the chain `spa` on a packet with an unused tag. */
  verdictOn(datagram: Uint8Array, source: Address = SOURCE): KernelVerdict {
    const mark = this.markOf(datagram);
    if (mark === undefined) return 'drops';
    const isKnown = this.addresses.has(elementOf({ mark, address: source }));
    return !isDaemonOnly(mark) && isKnown && this.clock.wall() <= this.opensUntil ? 'opens' : 'asks';
  }

  private with(before: ReadonlyMap<string, HeldTag>, loaded: readonly LoadedTags[]): Map<string, HeldTag> {
    const now = this.clock.steady();
    const after = new Map(before);
    const each = loaded.flatMap(({ tags, mark, seconds }) => tags.map((tag) => ({ tag, mark, seconds })));
    for (const { tag, mark, seconds } of each) {
      const held = after.get(tag);
      if (held !== undefined && held.until > now) {
        this.addedWhileAlive += 1;
        if (held.mark !== mark) throw new Error('the kernel has this tag with another mark');
        // An element that is there keeps its timeout.
        continue;
      }
      after.delete(tag);
      after.set(tag, { mark, until: now + seconds * 1000 });
    }
    return after;
  }

  private held(key: string): HeldTag | undefined {
    const held = this.tags.get(key);
    return held !== undefined && held.until > this.clock.steady() ? held : undefined;
  }

  private forget(): void {
    this.tags.clear();
    this.addresses.clear();
    this.opensUntil = 0;
  }

  private armed(adoptedFlows: number): Armed {
    const { usedSequencesKnown, usedTagsKnown } = this;
    const tagsKept = this.tags.size > 0;
    return { adoptedFlows, strangers: [], deafened: [], usedSequencesKnown, tagsKept, usedTagsKnown };
  }

  private note(call: string): void {
    this.calls.push(call);
    if (this.failing === call) throw new Error(`${call} does not work`);
  }
}

/** Tags as the fake kernel lists them. */
export function hexOf(tag: Uint8Array): string {
  return Buffer.from(tag).toString('hex');
}

function elementOf({ mark, address }: BoundAddress): string {
  return `${formatMark(mark)} ${formatAddress(address)}`;
}

/** A capture whose packets a test brings. */
export class FakeCapture implements Capture {
  events: CaptureEvents | undefined;
  stopped = 0;
  failing = false;
  beats = 0;
  private readonly calls: string[];

  constructor(calls: string[]) {
    this.calls = calls;
  }

  async start(events: CaptureEvents): Promise<void> {
    this.calls.push('capture');
    if (this.failing) throw new Error('no capture');
    this.events = events;
  }

  heartbeat(): void {
    this.beats += 1;
  }

  async stop(): Promise<void> {
    this.stopped += 1;
  }
}

export interface Scene {
  readonly gate: Gate;
  readonly clock: FakeClock;
  readonly firewall: RecordingFirewall;
  readonly capture: FakeCapture;
  readonly entries: AuditEntry[];
  readonly replayFile: string;
  /** Until when the gate is on trial at its next start or reload, in seconds of the boot clock. */
  trial: number | undefined;
  /** Doors beside the gate's own. */
  readonly otherDoors: Door[];
  /** Plans that were armed for good, in order. */
  readonly armedForGood: FirewallPlan[];
  /** Brings a datagram to the gate and waits for its result: the audit entries that it made. */
  knock(datagram: Uint8Array, source?: Address, more?: Partial<Packet>): Promise<AuditEntry[]>;
}

/** A gate on fakes, but for its replay file. */
export function sceneOf(
  text = SHORTEST,
  replayFile = join(temporaryFolder(), 'replay'),
  clock = new FakeClock(),
): Scene {
  const firewall = new RecordingFirewall(clock);
  const capture = new FakeCapture(firewall.calls);
  const { entries, audit } = auditLog();
  const armedForGood: FirewallPlan[] = [];
  const folder = dirname(replayFile);
  const gate = new Gate(
    {
      crypto: nodeCrypto,
      clock,
      firewall,
      capture,
      audit,
      act: async ({ name }, asker) => audit({ event: 'acted', action: name, ...asker }),
      replayFile,
      knownAddresses: join(folder, 'known-addresses'),
      lastHeard: new LastHeard(join(folder, 'heard-running'), join(folder, 'heard-stopped')),
      boot: BOOT,
      trial: () => scene.trial,
      planOf: async (config) => planOf(config),
      otherDoors: () => scene.otherDoors,
      armedForGood: (plan) => armedForGood.push(plan),
      reported: (prefix, source) => audit({ event: 'reported', detail: prefix, source: formatAddress(source) }),
    },
    loadedFrom(text),
  );
  const knock = async (datagram: Uint8Array, source: Address = SOURCE, more: Partial<Packet> = {}) => {
    const before = entries.length;
    await gate.pipeline.handle(packetOf(datagram, source, more));
    return entries.slice(before);
  };
  const scene: Scene = {
    gate,
    clock,
    firewall,
    capture,
    entries,
    replayFile,
    trial: undefined,
    otherDoors: [],
    armedForGood,
    knock,
  };
  return scene;
}

/** A gate that has started, a second after its replay file was made. */
export async function startedScene(...given: Parameters<typeof sceneOf>): Promise<Scene> {
  const scene = sceneOf(...given);
  await scene.gate.start();
  scene.clock.pass(1000);
  return scene;
}

function textsOf(loaded: readonly LoadedTags[]): string[] {
  return loaded.flatMap(({ tags }) => tags);
}
