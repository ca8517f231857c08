import { join } from 'node:path';
import type { AuditEntry } from '../../../../server-helper/audit/audit.ts';
import type { Capture, CaptureEvents } from '../../../../server-helper/capture/capture.ts';
import type { Door } from '../../../../server-helper/daemon/door.ts';
import { Gate } from '../../../../server-helper/daemon/gate.ts';
import type {
  Armed,
  FirewallPlan,
  GrantRequest,
  Heartbeat,
  SequencePlan,
} from '../../../../server-helper/firewall/firewall.ts';
import { MemoryFirewall } from '../../../../server-helper/firewall/memory.ts';
import { formatAddress } from '../../../../src/base/addresses.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { auditLog, BOOT, FakeClock, loadedFrom, packetOf, SHORTEST, SOURCE, temporaryFolder } from '../support.ts';

/** A firewall that times tags out as the kernel does, writes down what is asked of it, and fails when told to. */
export class RecordingFirewall extends MemoryFirewall {
  readonly calls: string[] = [];
  readonly plans: FirewallPlan[] = [];
  sequences: readonly SequencePlan[] = [];
  usedSequencesKnown = true;
  found: Heartbeat = 'intact';
  /** Name of the call that fails. */
  failing = '';
  /** Tags in hexadecimal, in the order in which they came, with the steady millisecond at which they end. */
  private readonly tags = new Map<string, number>();
  addedWhileAlive = 0;
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
    this.tags.clear();
    return this.armed(2);
  }

  override async setSequences(sequences: readonly SequencePlan[] = []): Promise<void> {
    this.note('setSequences');
    this.sequences = sequences;
  }

  override async disarm(): Promise<void> {
    this.note('disarm');
    this.tags.clear();
  }

  override async addTags(tags: readonly Uint8Array[] = [], seconds = 0): Promise<void> {
    this.note('addTags');
    for (const tag of tags) {
      const key = Buffer.from(tag).toString('hex');
      if (this.alive().includes(key)) this.addedWhileAlive += 1;
      this.tags.delete(key);
      this.tags.set(key, this.clock.steady() + seconds * 1000);
    }
  }

  override async removeTags(tags: readonly Uint8Array[] = []): Promise<void> {
    this.note('removeTags');
    for (const tag of tags)
      if (!this.tags.delete(Buffer.from(tag).toString('hex'))) throw new Error('the kernel has no such tag');
  }

  override async clearTags(): Promise<void> {
    this.note('clearTags');
    this.tags.clear();
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
    return [...this.tags].filter(([, until]) => until > this.clock.steady()).map(([tag]) => tag);
  }

  private armed(adoptedFlows: number): Armed {
    const { usedSequencesKnown } = this;
    return { adoptedFlows, strangers: [], deafened: [], usedSequencesKnown, tagsKept: this.tags.size > 0 };
  }

  private note(call: string): void {
    this.calls.push(call);
    if (this.failing === call) throw new Error(`${call} does not work`);
  }
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
  knock(datagram: Uint8Array, source?: Uint8Array): Promise<AuditEntry[]>;
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
  const gate = new Gate(
    {
      crypto: nodeCrypto,
      clock,
      firewall,
      capture,
      audit,
      act: async ({ name }, asker) => audit({ event: 'acted', action: name, ...asker }),
      replayFile,
      boot: BOOT,
      trial: () => scene.trial,
      otherDoors: () => scene.otherDoors,
      armedForGood: (plan) => armedForGood.push(plan),
      completed: (prefix, source) => audit({ event: 'completed', detail: prefix, source: formatAddress(source) }),
    },
    loadedFrom(text),
  );
  const knock = async (datagram: Uint8Array, source: Uint8Array = SOURCE) => {
    const before = entries.length;
    await gate.pipeline.handle(packetOf(datagram, source));
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
