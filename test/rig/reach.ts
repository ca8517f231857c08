import { loadNft, setElements } from './nft.ts';
import { Outsider } from './outsider.ts';
import { sleep } from './process.ts';

/** UDP port that marks the end: a packet to it arrives after all that was sent before it, whether or not a firewall lets it through. */
const END = 9;
const PATIENCE_MS = 20_000;

/** An address to try from, and the address of the target that it goes to. */
export interface Way {
  readonly source: string;
  readonly host: string;
}

/**
 * Sees which packets get through a target's firewalls: behind every other chain of `input` the kernel itself notes their source and
 * port. No answer has to come, and nothing is timed. Of TCP a SYN counts: where somebody listens, the end of a connection of an
 * earlier scan may come during a later one.
 */
export class Reach {
  private constructor(
    /** Client that tries, and can knock before. */
    readonly outsider: Outsider,
    private readonly target: string,
  ) {}

  static async make(client: string, target: string): Promise<Reach> {
    const sets = [4, 6].map((version) => {
      const type = `ipv${version}_addr . inet_proto . inet_service`;
      return `set reached${version} { type ${type}; flags dynamic; size 65535; }`;
    });
    await loadNft(
      target,
      `table inet reach {
        ${sets.join('\n')}
        chain before {
          type filter hook prerouting priority -400;
          udp dport ${END} add @reached4 { ip saddr . meta l4proto . th dport }
          udp dport ${END} add @reached6 { ip6 saddr . meta l4proto . th dport }
        }
        chain behind {
          type filter hook input priority 400;
          tcp flags & (fin | syn | rst | ack) != syn accept
          meta l4proto { tcp, udp } add @reached4 { ip saddr . meta l4proto . th dport }
          meta l4proto { tcp, udp } add @reached6 { ip6 saddr . meta l4proto . th dport }
        }
      }`,
    );
    return new Reach(new Outsider(client), target);
  }

  /** The ports that each source gets through to: `192.0.2.1 tcp/22`. */
  async through(ways: readonly Way[], ports: readonly string[]): Promise<string[]> {
    await loadNft(this.target, 'flush set inet reach reached4; flush set inet reach reached6');
    await this.outsider.tryPorts(ways.map((way) => ({ ...way, ports, end: END })));
    const start = performance.now();
    for (;;) {
      const reached = await this.reached();
      if (ways.every(({ source }) => reached.includes(`${source} udp/${END}`)))
        return reached.filter((each) => !each.endsWith(` udp/${END}`)).sort();
      if (performance.now() - start > PATIENCE_MS) throw new Error('what was sent last does not arrive');
      await sleep(20);
    }
  }

  private async reached(): Promise<string[]> {
    const sets = await Promise.all(['reached4', 'reached6'].map((set) => setElements(this.target, set, 'reach')));
    return sets.flat().map(({ key: [source, protocol, port] }) => `${source} ${protocol}/${port}`);
  }
}
