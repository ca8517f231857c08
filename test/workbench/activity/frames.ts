import type { Frame, Page } from 'playwright-core';

/** Milliseconds between two steps of a wheel. */
const STEP_MS = 30;
const STEPS = 60;

/** Part of Chromium's trace. Times are microseconds: `dur` by the clock, `tdur` those of the processor. */
interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly dur?: number;
  readonly tdur?: number;
  readonly ts: number;
  readonly pid: number;
  readonly tid: number;
  readonly args?: { readonly name?: string };
}

/** Longest task while a page was scrolled, in milliseconds. */
export interface Longest {
  /** By the clock: other programs of a busy machine count, too. */
  readonly wallMs: number;
  /** Processor time of the thread. */
  readonly cpuMs: number;
}

/**
 * Scrolls a page down and up by the wheel, and returns how long the longest task of a thread that makes its frames took, by
 * Chromium's own trace: no frame can be shown while such a task runs.
 * @param frame the page, or the one inside the page that is scrolled
 */
export async function longestFrame(page: Page, frame: Page | Frame): Promise<Longest> {
  const session = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  const box = await frame.locator('main').boundingBox();
  await page.mouse.move((box?.x ?? 0) + 100, Math.max(100, box?.y ?? 0) + 200);
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline'] },
  });
  for (let step = 0; step < STEPS; step += 1) {
    await page.mouse.wheel(0, step < STEPS * 0.7 ? 400 : -700);
    await page.waitForTimeout(STEP_MS);
  }
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.end');
  await complete;
  await session.detach();
  return longestIn(events);
}

/** Threads that make the frames of a page. */
const MAKES_FRAMES = ['CrRendererMain', 'Compositor'];

function longestIn(events: readonly TraceEvent[]): Longest {
  const threads = events.filter(({ name, args }) => name === 'thread_name' && MAKES_FRAMES.includes(args?.name ?? ''));
  const ids = new Set(threads.map(({ pid, tid }) => `${pid} ${tid}`));
  const tasks = events.filter(
    ({ name, ph, pid, tid }) => ph === 'X' && /RunTask$/.test(name) && ids.has(`${pid} ${tid}`),
  );
  if (tasks.length === 0) throw new Error('the trace has no tasks');
  const longest = (times: readonly number[]) => Math.max(...times) / 1000;
  return { wallMs: longest(tasks.map(({ dur = 0 }) => dur)), cpuMs: longest(tasks.map(({ tdur = 0 }) => tdur)) };
}
