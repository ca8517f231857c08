import type { OpenUdpRoute } from '../../client/network/udp.ts';

/** Moments from the start of the extension to an open port, for "Knockgate: Show Timings". */
export type Moment =
  | 'loading'
  | 'loaded'
  | 'activate'
  | 'host known'
  | 'key asked for'
  | 'address known'
  | 'turn taken'
  | 'key given'
  | 'keys derived'
  | 'packet sent'
  | 'port open'
  | 'showing'
  | 'shown'
  | 'activated';

/** Times at which each moment came first, in milliseconds of a clock that never jumps. */
export class Marks {
  private readonly moments = new Map<Moment, number>();
  private readonly waiting = new Map<Moment, () => void>();
  private readonly monotonicMs: () => number;

  /** @param loadingSinceMs by the same clock */
  constructor(monotonicMs: () => number, loadingSinceMs: number) {
    this.monotonicMs = monotonicMs;
    this.moments.set('loading', loadingSinceMs);
  }

  /** Notes a moment; only the first of its kind counts. */
  mark(moment: Moment): void {
    if (this.moments.has(moment)) return;
    this.moments.set(moment, this.monotonicMs());
    this.waiting.get(moment)?.();
  }

  /** Ends when a moment comes, or at once if it has come already. */
  reached(moment: Moment): Promise<void> {
    if (this.moments.has(moment)) return Promise.resolve();
    return new Promise((resolve) => this.waiting.set(moment, resolve));
  }

  /** Milliseconds from one moment to another; undefined unless both have come. */
  between(from: Moment, to: Moment): number | undefined {
    const [fromMs, toMs] = [this.moments.get(from), this.moments.get(to)];
    return fromMs === undefined || toMs === undefined ? undefined : toMs - fromMs;
  }

  /** Writes one line for each moment: milliseconds after the first, and after the previous one. */
  lines(): string[] {
    const sorted = [...this.moments].sort(([, a], [, b]) => a - b);
    const [, firstMs = 0] = sorted[0] ?? [];
    return sorted.map(([moment, atMs], i) => {
      const [, beforeMs = atMs] = sorted[i - 1] ?? [];
      return `${(atMs - firstMs).toFixed(1).padStart(9)} ms  +${(atMs - beforeMs).toFixed(1)} ms  ${moment}`;
    });
  }
}

/** Notes when the first packet goes out. */
export function marked(open: OpenUdpRoute, marks: Marks): OpenUdpRoute {
  return async (...where) => {
    const route = await open(...where);
    return {
      localAddress: route.localAddress,
      close: () => route.close(),
      send: async (datagram) => {
        await route.send(datagram);
        marks.mark('packet sent');
      },
    };
  };
}
