import type { Clock } from '../../os/clock.ts';
import type { HookService } from '../../ssh/hook/server.ts';
import { logProblem } from '../ask/show-problem.ts';
import type { HostBook } from '../hosts/host-book.ts';
import type { Door, Doors } from '../knock/doors.ts';
import type { HostStates } from '../knock/host-states.ts';
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

/**
 * Time for which a port that was seen open is not checked again: each check is a connection without a login, and sshd punishes
 * addresses that make many of them.
 */
const TRUST_MS = 10_000;
/** Rest of a grant that is enough to connect. */
const LEAST_LEFT_MS = 5000;
/** Time before ssh's question in which a window may have knocked by itself, maybe in another process. */
const SAME_MOMENT_MS = 3000;

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
      if (state.kind !== 'open' || state.untilMs - clock.wallMs() < LEAST_LEFT_MS) return false;
      const { answer } = state;
      if (answer === undefined || clock.wallMs() - answer.atMs >= TRUST_MS) return false;
      return port === undefined || port === answer.port;
    },
    knock: async (alias, port) => {
      const door = doorOf(alias, port);
      if (door === undefined) return;
      const request = { reason: 'ssh', force: false, trustMs: SAME_MOMENT_MS };
      try {
        await io.knocker.knock(door, request, new AbortController().signal);
      } catch (error) {
        logProblem(error, io.log);
      }
    },
  };
}
