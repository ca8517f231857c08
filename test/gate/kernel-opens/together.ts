import { HEARING_SETS } from '../../../server-helper/firewall/spa-rules.ts';
import { TABLE } from '../../../server-helper/firewall/table-name.ts';
import { renderHearing } from '../../../server-helper/firewall/tag-elements.ts';
import { parseGateLine } from '../../../src/spa/enrolment.ts';
import { EPOCH_SECONDS, epochAt, SLOTS } from '../../../src/spa/tags.ts';
import { Clients } from '../../rig/clients.ts';
import { Gate } from '../../rig/gate.ts';
import { type Hammer, makeHammer, type Round } from '../../rig/hammer.ts';
import { createPair, exec, type Pair } from '../../rig/netns.ts';
import { setElements } from '../../rig/nft.ts';
import { end, sleep } from '../../rig/process.ts';
import { OPENED4 } from '../single-use/table.ts';

const KNOCK_PORT = 62201;
const CLIENTS = 100;
/** Tags that are hammered at a time: few enough that the daemon's queue holds all, and that those let in are seen in time. */
const BATCH = 100;
/** A grant too many would come within this time. */
const QUIET_MS = 200;
/** Longer than the daemon takes for a batch. */
const PATIENCE_MS = 30_000;

/** The result of many tags. */
export interface Outcome {
  readonly tags: number;
  /** Tags by which more than one address got in. */
  readonly openedTwice: number;
  /** Tags by which some address got in. */
  readonly opened: number;
  /** Addresses let in by the kernel, and by the daemon. */
  readonly byKernel: number;
  readonly byDaemon: number;
}

/** A whole gate, kernel and daemon, at which senders hammer messages that are all genuine. */
export class Together {
  private readonly used = new Map<string, number>();

  private constructor(
    private readonly pair: Pair,
    private readonly gate: Gate,
    private readonly clients: Clients,
    private readonly hammer: Hammer,
  ) {}

  static async make(settings: Readonly<Record<string, unknown>>): Promise<Together> {
    const pair = await createPair({ name: 'together' });
    const clients = new Clients(CLIENTS);
    const gate = new Gate(pair.target, {
      settings: { ports: ['tcp/22'], knock_ports: [KNOCK_PORT], slots: SLOTS.most, grant: 1, ...settings },
      clients: clients.entries,
    });
    clients.enrol(parseGateLine(await gate.enrolmentLine()).key);
    await gate.start(60_000);
    return new Together(pair, gate, clients, await makeHammer());
  }

  async end(): Promise<void> {
    this.hammer.discard();
    await this.gate.dispose();
    this.pair.destroy();
  }

  /**
   * Sends so many messages, each from that many unknown addresses at once.
   * @param inTurns lets the kernel believe, thousands of times a second, that a daemon hears and that none does
   */
  async hammerAll(tags: number, senders: number, inTurns = false): Promise<Outcome> {
    let [openedTwice, opened, byKernel, byDaemon, done] = [0, 0, 0, 0, 0];
    const endTurns = inTurns ? await this.takeTurns() : undefined;
    while (done < tags) {
      const count = Math.min(BATCH, tags - done);
      const rounds: Round[] = [];
      for (let n = done; n < done + count; n += 1) {
        const sources = Array.from({ length: senders }, (_, sender) => addressOf(sender, n % 8192));
        rounds.push({ datagram: await this.seal(n), sources });
      }
      const since = this.gate.events.length;
      await this.hammer.strike(this.pair.client, KNOCK_PORT, rounds);
      const kernel = new Set((await setElements(this.pair.target, OPENED4)).map(({ key }) => String(key[0])));
      await this.untilQuiet(since, count - kernel.size);
      const granted = this.gate.events
        .slice(since)
        .flatMap(({ event, source }) => (event === 'granted' ? [source] : []));
      const all = new Set([...kernel, ...granted]);
      const letIn = rounds.map(({ sources }) => sources.filter((source) => all.has(source)).length);
      openedTwice += letIn.filter((addresses) => addresses > 1).length;
      opened += letIn.filter((addresses) => addresses > 0).length;
      byKernel += rounds.flatMap(({ sources }) => sources.filter((source) => kernel.has(source))).length;
      byDaemon += new Set(granted).size;
      done += count;
    }
    await endTurns?.();
    return { tags, openedTwice, opened, byKernel, byDaemon };
  }

  /** Renews and flushes what tells the kernel of a daemon, again and again, until it is ended. */
  private async takeTurns(): Promise<() => Promise<void>> {
    const child = exec(this.pair.target, ['nft', '-i'], { stdio: ['pipe', 'pipe', 'ignore'] });
    const [set = ''] = HEARING_SETS;
    const forget = HEARING_SETS.map((each) => `flush set ${TABLE} ${each}`).join('; ');
    const lines = `${renderHearing(set)}\n${forget}\n`;
    const write = () => {
      while (child.stdin?.write(lines)) {
        // As much as the pipe takes.
      }
    };
    child.stdin?.on('drain', write).on('error', () => {});
    write();
    // It prompts for every line.
    await new Promise((resolve) => child.stdout?.once('data', resolve).resume());
    return async () => {
      await end(child, 'SIGKILL');
    };
  }

  /** Waits until somebody was let in for each of so many tags, and then a little longer: an address too many would come then. */
  private async untilQuiet(since: number, expected: number): Promise<void> {
    const granted = () => this.gate.events.slice(since).filter(({ event }) => event === 'granted').length;
    const start = performance.now();
    while (granted() < expected && performance.now() - start < PATIENCE_MS) await sleep(20);
    await sleep(QUIET_MS);
  }

  /** A message with an ordinary tag that nobody has used, of an epoch that the gate surely knows; it claims no address. */
  private async seal(n: number): Promise<Uint8Array> {
    const client = n % CLIENTS;
    for (;;) {
      const present = epochAt(Date.now());
      for (const epoch of [present + 1, present]) {
        const name = `${client} ${epoch}`;
        const count = this.used.get(name) ?? 0;
        if (count >= SLOTS.most) continue;
        this.used.set(name, count + 1);
        return this.clients.seal(client, { epoch });
      }
      // The client has used up its tags, and gets more with the next epoch.
      await sleep(EPOCH_SECONDS * 100);
    }
  }
}

/** The n-th address of a sender: 198.18.0.0/15 is set aside for benchmarks (RFC 2544). */
const addressOf = (sender: number, n: number) => `198.18.${sender * 32 + (n >> 8)}.${n & 255}`;
