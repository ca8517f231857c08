import type { Clock } from '../../os/clock.ts';
import type { OpenPort } from '../../ssh/hook/open-ports.ts';
import { TRUST_MS } from '../../ssh/hook/script.ts';
import type { HookService } from '../../ssh/hook/server.ts';
import { logProblem } from '../ask/show-problem.ts';
import type { HostBook } from '../hosts/host-book.ts';
import type { Door, Doors } from '../knock/doors.ts';
import type { HostState, HostStates } from '../knock/host-states.ts';
import type { Knocker } from '../knock/knocker.ts';
import type { Log } from '../log.ts';

export interface HookServiceIo {
  readonly clock: Clock;
  readonly log: Log;
  readonly knocker: Pick<Knocker, 'knock'>;
  readonly states: HostStates;
  readonly hosts: () => HostBook;
  readonly doors: Pick<Doors, 'known'>;
}

/** Rest of a grant that is enough to connect. */
const LEAST_LEFT_MS = 5000;
/** Time before ssh's question in which a window may have knocked by itself, maybe in another process. */
const SAME_MOMENT_MS = 3000;

/**
 * The open port of each host by the host's name, as far as the extension knows.
 * @param sinceMs time of the last change of our addresses, in unix milliseconds; 0 for none
 */
export function openPorts(
  { hosts, doors, states, clock }: Pick<HookServiceIo, 'hosts' | 'doors' | 'states' | 'clock'>,
  sinceMs: number,
): Map<string, OpenPort> {
  const open = new Map<string, OpenPort>();
  for (const name of hosts().hosts.keys()) {
    const door = doors.known({ host: name, user: undefined, port: undefined });
    const state = door && states.get(door.host.name);
    if (state?.kind !== 'open' || (state.answer?.atMs ?? 0) < sinceMs) continue;
    const port = openPortOf(state, clock.wallMs());
    if (port !== undefined) open.set(name, port);
  }
  return open;
}

/** Undefined when the rest of the grant is too short to connect. */
function openPortOf(state: HostState, wallMs: number): OpenPort | undefined {
  if (state.kind !== 'open') return undefined;
  const untilMs = state.untilMs - LEAST_LEFT_MS;
  if (untilMs <= wallMs) return undefined;
  const trustedUntilMs = state.answer === undefined ? 0 : state.answer.atMs + TRUST_MS;
  return { untilMs, trustedUntilMs: Math.min(untilMs, trustedUntilMs) };
}

/** Answers the hook, only for configured hosts, from what the extension knows without asking ssh. */
export function hookService(io: HookServiceIo): HookService {
  /**
   * Finds the host by the last known route: asking ssh again would take too long, and ssh runs the hook for each jump by itself.
   */
  const doorOf = (alias: string, port: number | undefined): Door | undefined =>
    io.hosts().hosts.has(alias) ? io.doors.known({ host: alias, user: undefined, port }) : undefined;
  return {
    clock: io.clock,
    isConfigured: (alias) => doorOf(alias, undefined) !== undefined,
    isOpen: (alias, port) => {
      const { states, clock } = io;
      const state = states.get(doorOf(alias, port)?.host.name ?? alias);
      const open = openPortOf(state, clock.wallMs());
      if (state.kind !== 'open' || open === undefined || open.trustedUntilMs <= clock.wallMs()) return false;
      return port === undefined || port === state.answer?.port;
    },
    knock: async (alias, port) => {
      const door = doorOf(alias, port);
      if (door === undefined) return;
      // ssh does not know its port when it asks; the hook's ProxyCommand does, and has time to wait.
      let boundSent = () => {};
      const sent = new Promise<void>((resolve) => {
        if (port === undefined) boundSent = resolve;
      });
      const request = { reason: 'ssh', force: false, trustMs: SAME_MOMENT_MS, onBoundSent: () => boundSent() };
      const opened = io.knocker
        .knock(door, request, new AbortController().signal)
        .catch((error) => logProblem(error, io.log));
      await Promise.race([opened, sent]);
    },
  };
}
