import type { AnyHost } from '../../client/hosts/kinds.ts';
import type { SshDestination } from '../../ssh/destination.ts';
import { gateOnRoute, type Hop, type RouteGate } from '../../ssh/route.ts';
import { type HostBook, hostCalled } from '../hosts/host-book.ts';
import { gateFurtherIn, hostWithoutGate } from '../problems.ts';
import type { Routes } from './routes.ts';

/** Host to knock at on the way to a destination. */
export interface Door {
  /** Host with the gate: the wanted one, or the first jump on the way to it. */
  readonly host: AnyHost;
  /** Port that ssh will connect to behind that gate; undefined when it is unknown. */
  readonly sshPort: number | undefined;
  /** Name by which ssh finds the address that it connects to; undefined when it is unknown. */
  readonly sshName: Pick<Hop, 'hostName' | 'addressFamily'> | undefined;
}

/** Finds the hosts to knock at on the way to destinations. */
export class Doors {
  private readonly routes: Pick<Routes, 'find' | 'known'>;
  private readonly hosts: () => HostBook;

  constructor(routes: Pick<Routes, 'find' | 'known'>, hosts: () => HostBook) {
    this.routes = routes;
    this.hosts = hosts;
  }

  /**
   * Finds the host to knock at on the way to another, by the route that ssh would take now.
   * @throws Problem `host-unknown` when there is no gate on the way, `gate-further-in` when it is out of reach, or that of the
   * host's settings when they are wrong
   */
  async find({ host, port }: SshDestination): Promise<Door> {
    const found = this.gateOn(withPort(await this.routes.find(host), port));
    if (found.kind === 'here') return doorAt(found.gate, found.hop);
    if (found.kind === 'further-in') throw gateFurtherIn(found.gate.name, found.behind.name);
    throw this.hosts().broken.get(host) ?? hostWithoutGate(host);
  }

  /**
   * Finds it at once, by the last known route, or directly for a host with a gate.
   * @returns undefined when there is none, or the route is unknown
   */
  known({ host, port }: SshDestination): Door | undefined {
    const hops = this.routes.known(host);
    if (hops === undefined) {
      const direct = hostCalled(host, this.hosts());
      return direct === undefined ? undefined : { host: direct, sshPort: port, sshName: undefined };
    }
    const found = this.gateOn(withPort(hops, port));
    return found.kind === 'here' ? doorAt(found.gate, found.hop) : undefined;
  }

  /** Host in front of a host's own gate, by the last known route: no packet from here opens that gate. */
  behind(name: string): string | undefined {
    const found = this.gateOn(this.routes.known(name) ?? []);
    return found.kind === 'further-in' && found.gate.name === name ? found.behind.name : undefined;
  }

  /** Whether ssh went to a host directly last time, without a jump or a ProxyCommand; false when it was never asked. */
  isDirect(name: string): boolean {
    const [first, ...others] = this.routes.known(name) ?? [];
    return others.length === 0 && first?.isDirect === true;
  }

  private gateOn(hops: readonly Hop[]): RouteGate<AnyHost> {
    const book = this.hosts();
    return gateOnRoute(hops, (hop) => hostCalled(hop.name, book) ?? hostCalled(hop.hostName, book));
  }
}

function doorAt(host: AnyHost, { port, hostName, addressFamily }: Hop): Door {
  return { host, sshPort: port, sshName: { hostName, addressFamily } };
}

/** A port that is asked for overrides the one in the configuration. */
function withPort(hops: readonly Hop[], port: number | undefined): readonly Hop[] {
  return port === undefined ? hops : hops.map((hop, i) => (i === hops.length - 1 ? { ...hop, port } : hop));
}
