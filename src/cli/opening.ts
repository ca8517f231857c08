import type { RequestedPort } from '../base/ports.ts';
import type { Host } from '../client/gate/host.ts';

/** How a host is opened. */
export interface Opening {
  /** What to ask for, of a host that is known. */
  readonly ports: (host: Pick<Host, 'ports'>) => readonly RequestedPort[];
  /** Name of an action that the gate is to run; without ports it opens none. */
  readonly action?: string | undefined;
  /** The TCP port to wait for, when it is not the first one asked for. */
  readonly probePort: number | undefined;
  readonly force: boolean;
  readonly timeoutMs: number;
}
