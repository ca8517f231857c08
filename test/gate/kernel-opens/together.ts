import { parseGateLine } from '../../../src/spa/enrolment.ts';
import { BOUND_SLOTS, EPOCH_SECONDS, epochAt, SLOTS } from '../../../src/spa/tags.ts';
import { Clients } from '../../rig/clients.ts';
import { Gate } from '../../rig/gate.ts';
import { type Hammer, makeHammer, type Round } from '../../rig/hammer.ts';
import { createPair, type Pair, run } from '../../rig/netns.ts';
import { loadNft, setElements } from '../../rig/nft.ts';
import { sleep } from '../../rig/process.ts';
import { OPENED4 } from '../single-use/table.ts';

const KNOCK_PORT = 62201;
const CLIENTS = 100;
/** Tags that are hammered at a time: few enough that the daemon's queue holds all, and that those let in are seen in time. */
const BATCH = 100;
/** A grant too many would come within this time. */
const QUIET_MS = 200;
/** Longer than the daemon takes for a batch. */
const PATIENCE_MS = 30_000;
/** Epochs from the present one on, and tags in each, that messages are made with. */
interface Tags {
  readonly first: number;
  readonly last: number;
  readonly slots: number;
}
/** To ordinary tags, only the daemon opens: the gate has those of the epochs that the clock tolerance reaches. */
const FOR_DAEMON: Tags = { first: 0, last: 1, slots: SLOTS.most };
/** To those of the epochs in which its table was made, the kernel does not open; it has tags for many more, fewer in each. */
const FOR_KERNEL: Tags = { first: 3, last: 12, slots: BOUND_SLOTS };

/** Elements that nft is given at a time. */
const SLICE = 20_000;

/** The result of many tags. */
export interface Outcome {
  readonly tags: number;
  /** Tags by which more than one address got in. */
  readonly openedTwice: number;
  /** Tags by which some address got in. */
  readonly opened: number;
  /** Tags by which the kernel let somebody in, and those by which the daemon alone did. */
  readonly byKernel: number;
  readonly byDaemon: number;
}

/** A whole gate, kernel and daemon, at which senders hammer messages that are all genuine. */
export class Together {
  private readonly used = new Map<string, number>();

  private constructor(
    readonly pair: Pair,
    readonly gate: Gate,
    private readonly clients: Clients,
    private readonly hammer: Hammer,
    private readonly tags: Tags,
  ) {}

  /** @param withoutDaemon to whose tags the kernel may open while it hears of no daemon */
  static async make(withoutDaemon: 'known' | 'first'): Promise<Together> {
    const pair = await createPair({ name: 'together' });
    const clients = new Clients(CLIENTS);
    const gate = new Gate(pair.target, {
      settings: {
        ports: ['tcp/22'],
        knock_ports: [KNOCK_PORT],
        slots: SLOTS.most,
        grant: 1,
        without_daemon: withoutDaemon,
      },
      clients: clients.entries,
    });
    clients.enrol(parseGateLine(await gate.enrolmentLine()).key);
    await gate.start(60_000);
    const tags = withoutDaemon === 'first' ? FOR_KERNEL : FOR_DAEMON;
    return new Together(pair, gate, clients, await makeHammer(), tags);
  }

  async end(): Promise<void> {
    this.hammer.discard();
    await this.gate.dispose();
    this.pair.destroy();
  }

  strike(rounds: readonly Round[]): Promise<void> {
    return this.hammer.strike(this.pair.client, KNOCK_PORT, rounds);
  }

  /**
   * Sends so many messages, each from that many unknown addresses.
   * @param sending sends a batch; by default each message goes from all addresses at the same moment
   */
  async hammerAll(
    tags: number,
    senders: number,
    sending: (rounds: readonly Round[]) => Promise<void> = (rounds) => this.strike(rounds),
  ): Promise<Outcome> {
    let [openedTwice, opened, byKernel, byDaemon, done] = [0, 0, 0, 0, 0];
    while (done < tags) {
      const rounds: Round[] = [];
      for (let n = done; n < Math.min(done + BATCH, tags); n += 1) {
        const sources = Array.from({ length: senders }, (_, sender) => addressOf(sender, n % 8192));
        rounds.push({ datagram: await this.seal(n), sources });
      }
      const since = this.gate.events.length;
      await sending(rounds);
      const kernel = new Set((await setElements(this.pair.target, OPENED4)).map(({ key }) => String(key[0])));
      await this.untilJudged(since, rounds);
      const lines = this.gate.events.slice(since).filter(({ event }) => event === 'granted');
      const granted = new Set(lines.map(({ source }) => source ?? ''));
      for (const { sources } of rounds) {
        const [ofKernel, ofDaemon] = [kernel, granted].map((all) => sources.filter((source) => all.has(source)));
        const letIn = new Set([...(ofKernel ?? []), ...(ofDaemon ?? [])]).size;
        if (letIn > 1) openedTwice += 1;
        if (letIn > 0) opened += 1;
        if (ofKernel?.length) byKernel += 1;
        else if (ofDaemon?.length) byDaemon += 1;
      }
      done += rounds.length;
    }
    return { tags, openedTwice, opened, byKernel, byDaemon };
  }

  /** Waits until the daemon has judged each tag, and then a little longer: an address too many would come then. */
  private async untilJudged(since: number, rounds: readonly Round[]): Promise<void> {
    const areJudged = () => {
      const judged = new Set(this.gate.events.slice(since).map(({ source }) => source));
      return rounds.every(({ sources }) => sources.some((source) => judged.has(source)));
    };
    const start = performance.now();
    while (!areJudged() && performance.now() - start < PATIENCE_MS) await sleep(20);
    await sleep(QUIET_MS);
  }

  /** A message with an ordinary tag that nobody has used; it claims no address. */
  private async seal(n: number): Promise<Uint8Array> {
    const { first, last, slots } = this.tags;
    const client = n % CLIENTS;
    for (;;) {
      const present = epochAt(Date.now());
      for (let epoch = present + last; epoch >= present + first; epoch -= 1) {
        const name = `${client} ${epoch}`;
        const count = this.used.get(name) ?? 0;
        if (count >= slots) continue;
        this.used.set(name, count + 1);
        return this.clients.seal(client, { epoch });
      }
      // The client has used up its tags, and gets more with the next epoch.
      await sleep(EPOCH_SECONDS * 100);
    }
  }
}

/** Has the kernel note so many used tags that it has no room for one more. */
export async function fillSpent(ns: string): Promise<void> {
  const [, size] =
    /set spent \{[^}]*size (\d+)/.exec((await run(ns, ['nft', '-t', 'list', 'ruleset', 'inet'])).stdout) ?? [];
  for (let at = 0; at < Number(size); at += SLICE) {
    const tags = Array.from({ length: Math.min(SLICE, Number(size) - at) }, (_, n) => `0x${(at + n + 1).toString(16)}`);
    await loadNft(ns, `add element inet knockgate spent { ${tags.join(', ')} }\n`);
  }
}

/** The n-th address of a sender: 198.18.0.0/15 is set aside for benchmarks (RFC 2544). */
const addressOf = (sender: number, n: number) => `198.18.${sender * 32 + (n >> 8)}.${n & 255}`;
