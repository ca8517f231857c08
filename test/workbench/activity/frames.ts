import type { Frame, Page } from 'playwright-core';

/** Milliseconds between two steps of a wheel. */
const STEP_MS = 30;
const STEPS = 60;

/** Part of Chromium's trace. Times are microseconds. */
interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly dur?: number;
  readonly pid: number;
  readonly tid: number;
}

/**
 * Scrolls a page down and up by the wheel, and returns how long the longest task of a thread that draws it took, in milliseconds,
 * by Chromium's own trace: a frame cannot be shown while such a task runs.
 * @param frame the page, or the one inside the page that is scrolled
 */
export async function longestFrame(page: Page, frame: Page | Frame): Promise<number> {
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
  // What the main thread of a page does at a stretch.
  const tasks = events.filter(({ name, ph }) => ph === 'X' && name === 'RunTask');
  if (tasks.length === 0) throw new Error('the trace has no tasks');
  return Math.max(...tasks.map(({ dur = 0 }) => dur)) / 1000;
}
