import { type Profiler, Session } from 'node:inspector';

/** Blocks of our own code that have run, as V8 counts them (Chrome DevTools Protocol, "Profiler"). */
export class Coverage {
  private readonly session = new Session();
  private readonly seen = new Set<string>();

  constructor() {
    this.session.connect();
    this.session.post('Profiler.enable');
    this.session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** The blocks that have run since the last call, and never before a `learn`. */
  fresh(): string[] {
    const blocks = this.take().flatMap(({ scriptId, url, functions }) => {
      if (!/\/(src|server-helper)\/|smol-toml/.test(url)) return [];
      const ranges = functions.flatMap((each) => each.ranges).filter(({ count }) => count > 0);
      return ranges.map(({ startOffset, endOffset }) => `${scriptId}:${startOffset}:${endOffset}`);
    });
    return blocks.filter((block) => !this.seen.has(block));
  }

  learn(blocks: readonly string[]): void {
    for (const block of blocks) this.seen.add(block);
  }

  /** Blocks that have run. */
  get size(): number {
    return this.seen.size;
  }

  stop(): void {
    this.session.disconnect();
  }

  /** In one process the answer is there when `post` returns. */
  private take(): Profiler.ScriptCoverage[] {
    let taken: Profiler.ScriptCoverage[] = [];
    this.session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (error !== null) throw error;
      taken = result;
    });
    return taken;
  }
}
