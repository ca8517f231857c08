import { formatAddress, isIPv4 } from '../../src/base/addresses.ts';
import type { PortRange } from '../../src/base/ports.ts';
import { establishedFlows, type Flow } from './flows.ts';
import { TABLE } from './table-name.ts';

/** Should the daemon die, the kernel forgets a connection after a day. */
const SECONDS = 86_400;

/** Connections that live on when the table is armed, and those that are cut off. */
interface Placed {
  /** Commands that make it so. */
  readonly commands: string;
  readonly adopted: number;
  /** Addresses of those that are cut off. */
  readonly strangers: readonly string[];
}

/**
 * The connections to hidden ports. Those that were let in live on when the table is armed or put back (sets `prior4`, `prior6`).
 * Those that came in while somebody had flushed it are cut off (sets `shut4`, `shut6`): connection tracking knows them, so not
 * adopting them is not enough. An element goes when its connection does.
 */
export class KnownFlows {
  private readonly read: (ports: readonly PortRange[]) => Promise<Flow[]>;
  private present: readonly Flow[] = [];
  /** Those that were there when the table was last seen intact. */
  private known: ReadonlySet<string> = new Set();
  /** Elements of the four sets, and in which of them each is. */
  private readonly places = new Map<string, string>();

  constructor(read = establishedFlows) {
    this.read = read;
  }

  /** Looks at the connections of the moment. What comes in later may have come in while the table was gone. */
  async look(ports: readonly PortRange[]): Promise<void> {
    this.present = await this.read(ports);
  }

  /** The connections of the last look live on, except those that were cut off before. */
  adoptAll(): Placed {
    const { present } = this;
    const shut = new Set(present.filter((flow) => this.isShut(flow)));
    return this.place((flow) => !shut.has(flow));
  }

  /** Only those live on that were known before the table was lost, or that somebody may have now. */
  adoptKnown(mayEnter: (flow: Flow) => boolean): Placed {
    const { known } = this;
    return this.place((flow) => known.has(elementOf(flow)) || mayEnter(flow));
  }

  /**
   * The table was intact at the last look, so all connections of the moment were let in.
   * @param adoptNew whether connection tracking does not follow them
   * @returns commands; empty when nothing is to change
   */
  settle(adoptNew: boolean): string {
    const present = new Map(this.present.map((flow) => [elementOf(flow), flow]));
    const commands: string[] = [];
    for (const [element, set] of this.places) {
      if (present.has(element)) continue;
      this.places.delete(element);
      // It may have timed out: deleting what is not there fails.
      commands.push(`add element ${TABLE} ${set} { ${element} }; delete element ${TABLE} ${set} { ${element} }`);
    }
    const fresh = adoptNew ? [...present.values()].filter((flow) => !this.places.has(elementOf(flow))) : [];
    commands.push(...this.add(fresh, 'prior'));
    this.known = this.elementsThatLiveOn();
    return commands.join('\n');
  }

  private place(livesOn: (flow: Flow) => boolean): Placed {
    const adopted: Flow[] = [];
    const cut: Flow[] = [];
    for (const flow of this.present) (livesOn(flow) ? adopted : cut).push(flow);
    this.places.clear();
    const commands = [
      ...['prior4', 'prior6'].map((set) => `flush set ${TABLE} ${set}`),
      ...this.add(adopted, 'prior'),
      ...this.add(cut, 'shut'),
    ];
    this.known = this.elementsThatLiveOn();
    return {
      commands: `${commands.join('\n')}\n`,
      adopted: adopted.length,
      strangers: [...new Set(cut.map(({ address }) => formatAddress(address)))],
    };
  }

  private elementsThatLiveOn(): Set<string> {
    return new Set(this.present.filter((flow) => !this.isShut(flow)).map(elementOf));
  }

  private isShut(flow: Flow): boolean {
    return this.places.get(elementOf(flow))?.startsWith('shut') === true;
  }

  private add(flows: readonly Flow[], kind: 'prior' | 'shut'): string[] {
    return ([4, 6] as const).flatMap((family) => {
      const set = `${kind}${family}`;
      const elements = flows.filter(({ address }) => isIPv4(address) === (family === 4)).map(elementOf);
      for (const element of elements) this.places.set(element, set);
      const timed = [...new Set(elements)].map((element) => `${element} timeout ${SECONDS}s`);
      return timed.length === 0 ? [] : [`add element ${TABLE} ${set} { ${timed.join(', ')} }`];
    });
  }
}

function elementOf({ address, port, localPort }: Flow): string {
  return `${formatAddress(address)} . ${port} . ${localPort}`;
}
