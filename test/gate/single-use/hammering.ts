import { randomBytes } from 'node:crypto';
import { HEARING_SETS } from '../../../server-helper/firewall/spa-rules.ts';
import { renderHearing } from '../../../server-helper/firewall/tag-elements.ts';
import { type Hammer, makeHammer } from '../../rig/hammer.ts';
import { createPair, type Pair } from '../../rig/netns.ts';
import { counters, loadNft, setElements } from '../../rig/nft.ts';
import { MARKS, OPENED4, type SpendingRule, tableOf } from './table.ts';

/** Tags that are loaded and hammered at a time: few enough that who was let in is looked at before the kernel forgets it. */
const BATCH = 500;
/** Used tags are forgotten after so many: nft reads all of them whenever it is run. Until then the kernel's table of them grows. */
const FORGOTTEN_AFTER = 10_000;
const KNOCK_PORT = 62201;
/** As long as the shortest message. */
const DATAGRAM_LENGTH = 128;

/** The senders of each tag, and what the table knows. */
export interface Hammering {
  /** Bound to the known addresses, or good from any. */
  readonly kind: keyof typeof MARKS;
  /** One for each sender: whether it sends from addresses at which the client is known. */
  readonly known: readonly boolean[];
  /** Whether the first sender of an ordinary tag gets in while no daemon is heard. */
  readonly withoutDaemon?: 'first';
  /** A daemon has been heard. */
  readonly isHearing?: true;
  /** Room for used tags; so much that it never matters unless given. */
  readonly room?: number;
  readonly rule?: SpendingRule;
}

/** The result. */
export interface Hammered {
  /** Tags that let in more than one address, by the set of those let in. */
  readonly openedTwice: number;
  /** Addresses in that set; on a busy machine some are gone before anybody looks. */
  readonly seen: number;
  /** Packets, as the kernel counts them: those that opened, those handed to the daemon, those dropped as heard often enough, and junk. */
  readonly opened: number;
  readonly asked: number;
  readonly spent: number;
  readonly junk: number;
}

/** A table on ground of its own, and senders that hammer it. */
export class Anvil {
  private constructor(
    private readonly pair: Pair,
    private readonly hammer: Hammer,
  ) {}

  static async make(): Promise<Anvil> {
    const pair = await createPair({ name: 'hammer' });
    return new Anvil(pair, await makeHammer());
  }

  end(): void {
    this.hammer.discard();
    this.pair.destroy();
  }

  /** Hammers so many fresh tags, each once. */
  async hammerAll(tags: number, how: Hammering): Promise<Hammered> {
    const { target, client } = this.pair;
    const { withoutDaemon = 'known', rule = 'one-step', room } = how;
    await loadNft(target, tableOf({ withoutDaemon, rule, ...(room !== undefined && { room }) }));
    const mark = MARKS[how.kind];
    const batch = Math.min(BATCH, tags);
    const sources = Array.from({ length: batch }, (_, n) => how.known.map((_, sender) => addressOf(sender, n)));
    const known = sources.flatMap((each) => each.filter((_, sender) => how.known[sender]));
    await this.add(
      'known4',
      known.map((address) => `${mark} . ${address}`),
    );
    if (how.isHearing) await loadNft(target, renderHearing(HEARING_SETS[0]));
    let [openedTwice, seen] = [0, 0];
    for (let done = 0; done < tags; done += batch) {
      const bodies = Array.from({ length: batch }, () => randomBytes(DATAGRAM_LENGTH));
      const full = room === undefined && done % FORGOTTEN_AFTER === 0 ? ['spent', 'heard'] : [];
      const sets = [OPENED4, ...full].map((set) => `flush set inet knockgate ${set}\n`);
      await loadNft(target, `flush map inet knockgate tags\n${sets.join('')}`);
      await this.add(
        'tags',
        bodies.map((body) => `0x${body.toString('hex', 0, 16)} : ${mark}`),
      );
      const rounds = bodies.map((datagram, n) => ({ datagram, sources: sources[n] ?? [] }));
      await this.hammer.strike(client, KNOCK_PORT, rounds);
      const open = new Set((await setElements(target, OPENED4)).map(({ key }) => key[0]));
      seen += open.size;
      openedTwice += rounds.filter((round) => round.sources.filter((source) => open.has(source)).length > 1).length;
    }
    const counted = new Map((await counters(target)).map(({ name, packets }) => [name, packets]));
    const count = (name: string) => counted.get(name) ?? Number.NaN;
    return {
      openedTwice,
      seen,
      opened: count('opened'),
      asked: count('asked'),
      spent: count('spent'),
      junk: count('junk'),
    };
  }

  private async add(set: string, elements: readonly string[]): Promise<void> {
    if (elements.length > 0)
      await loadNft(this.pair.target, `add element inet knockgate ${set} { ${elements.join(', ')} }\n`);
  }
}

/** The n-th address of a sender: 198.18.0.0/15 is set aside for benchmarks (RFC 2544). */
const addressOf = (sender: number, n: number) => `198.18.${sender * 32 + (n >> 8)}.${n & 255}`;
