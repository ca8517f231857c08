import { familyOf } from '../../src/base/addresses.ts';
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import type { ConfiguredAction } from '../config/action-config.ts';
import type { Paths } from '../paths.ts';
import { askUnit } from './ask.ts';
import { PendingCloses } from './pending-closes.ts';
import { type ActionRequest, type ActionResult, formatRequest } from './request.ts';

/**
 * Most commands that run at the same time, by their cause; more are refused, or wait. Each cause has room of its own: sequences of
 * ports, whose senders may be forged, delay neither a client's request nor closing commands. Together fewer than the
 * `MaxConnections` of knockgate-action.socket, which has room for alerts as well.
 */
const MOST_AT_ONCE = { message: 8, sequence: 4, close: 4 } as const;

type Cause = keyof typeof MOST_AT_ONCE;

/** Most closing commands that may be waiting when a sequence adds another. */
const MOST_PENDING = 256;
/**
 * Milliseconds within which messages are the same request: a client sends its message again in case it was lost, and over IPv4 and
 * IPv6 if it knows both.
 */
const SAME_WISH = 5000;
/** Milliseconds after which a close that could not be run is tried again. */
const AGAIN = 30_000;

/** Client and address that an action is for. */
export type Asker = Pick<ActionRequest, 'source' | 'client' | 'seconds'>;

export interface ActionParts {
  readonly clock: Clock;
  readonly audit: Audit;
  /** Asks a process with the rights for it to run a command. Never rejects. */
  readonly ask: (request: ActionRequest, patienceMs: number) => Promise<ActionResult>;
  readonly pending: PendingCloses;
}

/** Starts actions when clients ask for them, and their closing commands when the time is over. Runs nothing itself. */
export class Actions {
  private readonly parts: ActionParts;
  private readonly running: Record<Cause, number> = { message: 0, sequence: 0, close: 0 };
  /** Recent requests, with their times in steady milliseconds. */
  private wished: (Pick<ActionRequest, 'action' | 'client' | 'source'> & { readonly at: number })[] = [];

  constructor(parts: ActionParts) {
    this.parts = parts;
  }

  /**
   * Never rejects: the result is in the audit log.
   * @param isAsked whether a client has asked for it in a message, rather than somebody by a sequence of ports
   */
  async open(action: ConfiguredAction, asker: Asker, isAsked = true): Promise<void> {
    const { clock, pending } = this.parts;
    const request: ActionRequest = { ...asker, action: action.name, phase: 'open' };
    if (this.isSameWish(request)) return;
    if (!isAsked && action.close !== undefined && pending.size >= MOST_PENDING) {
      this.tell(request, { kind: 'refused', why: 'too many actions wait to be closed' });
      return;
    }
    // It is noted first: a daemon that dies meanwhile leaves nothing open.
    const until = clock.wall() + asker.seconds * 1000;
    const takeBack =
      action.close === undefined ? undefined : pending.set({ ...request, phase: 'close' }, until, action.timeout);
    const result = await this.run(request, action.timeout, isAsked ? 'message' : 'sequence');
    // The grant of an earlier request is closed all the same.
    if (result.kind === 'refused') takeBack?.();
  }

  /** Runs what is due. Called every second. */
  async second(): Promise<void> {
    const { clock, pending } = this.parts;
    await Promise.all(
      pending.due(clock.wall()).map(async ({ request, timeout }) => {
        if (this.isBusy('close')) return;
        // It is not started again while it runs; if nobody could run it, it is tried later.
        const again = clock.wall() + timeout * 1000 + AGAIN;
        pending.set(request, again, timeout);
        const result = await this.run(request, timeout, 'close');
        // A request that came meanwhile has a later end of its own.
        if (result.kind === 'exit' || result.kind === 'killed') pending.forget(request, again);
      }),
    );
  }

  private async run(request: ActionRequest, timeout: number, cause: Cause): Promise<ActionResult> {
    const result: ActionResult = this.isBusy(cause)
      ? { kind: 'refused', why: 'too many actions run at this time' }
      : await this.ask(request, timeout, cause);
    this.tell(request, result);
    return result;
  }

  private isBusy(cause: Cause): boolean {
    return this.running[cause] >= MOST_AT_ONCE[cause];
  }

  private async ask(request: ActionRequest, timeout: number, cause: Cause): Promise<ActionResult> {
    this.running[cause] += 1;
    const result = await this.parts.ask(request, timeout * 1000 + SAME_WISH);
    this.running[cause] -= 1;
    return result;
  }

  private tell({ client, source, action, phase, seconds }: ActionRequest, result: ActionResult): void {
    const done = result.kind === 'exit' && result.code === 0;
    const event = done ? (phase === 'open' ? 'action-opened' : 'action-closed') : 'action-failed';
    this.parts.audit({
      event,
      client,
      source,
      action,
      ...(phase === 'open' && { seconds }),
      ...(!done && { detail: said(phase, result) }),
    });
  }

  /**
   * Whether it is the same request. From another address of the same IP version it is another one: clients of fwknop share keys.
   */
  private isSameWish({ action, client, source }: ActionRequest): boolean {
    const at = this.parts.clock.steady();
    this.wished = this.wished.filter((wish) => at - wish.at < SAME_WISH);
    const same = this.wished.some(
      (wish) =>
        wish.action === action &&
        wish.client === client &&
        (wish.source === source || familyOf(wish.source) !== familyOf(source)),
    );
    if (!same) this.wished.push({ action, client, source, at });
    return same;
  }
}

/** Asks the unit behind the socket, and keeps the pending closes in a file. */
export function makeActions(paths: Pick<Paths, 'actionSocket' | 'pendingCloses'>, clock: Clock, audit: Audit): Actions {
  const ask: ActionParts['ask'] = (request, patienceMs) =>
    askUnit(paths.actionSocket, formatRequest(request), patienceMs);
  return new Actions({ clock, audit, ask, pending: new PendingCloses(paths.pendingCloses) });
}

function said(phase: string, result: ActionResult): string {
  if (result.kind === 'exit') return `${phase}: exit ${result.code}`;
  return result.kind === 'killed' ? `${phase}: it was killed, or its timeout was over` : `${phase}: ${result.why}`;
}
