import type { Window } from '../rig/editor/window.ts';
import type { Workbench } from '../rig/editor/workbench.ts';
import { sleep } from '../rig/process.ts';

/** How an attempt to connect ended, in the editor's words. */
export type Resolved = { type: 'ok' } | { type: 'error'; error: { code: string; message: string } };

/**
 * Opens a window over SSH.
 * @param folder on the other side; undefined for an empty window, as "Connect to Host…" opens it
 */
export async function openRemote(workbench: Workbench, authority: string, folder?: string): Promise<Window> {
  const query = folder === undefined ? 'ew=true' : `folder=${encodeURIComponent(`rig://${authority}${folder}`)}`;
  const page = await workbench.browser.newPage();
  await page.addInitScript(`globalThis.rigAuthority = ${JSON.stringify(authority)}`);
  return await workbench.open(query, page);
}

/** How the first attempt of a window to connect ended. */
export async function connected(window: Window): Promise<Resolved> {
  await window.page.waitForFunction('globalThis.rigResolved !== undefined', undefined, { timeout: 120_000 });
  return await window.page.evaluate<Resolved>('globalThis.rigResolved');
}

/** After so long without a word the editor takes its connection for lost. */
const EDITOR_NOTICES_AFTER_MS = 20_000;
/** How long the editor waits before each attempt to connect again, in milliseconds; after that as long as the last time. */
const WAITS_MS = [0, 5000, 5000, 10_000, 10_000, 10_000, 10_000, 10_000, 30_000];

/**
 * Does as the editor does after a silent drop: connects again when it notices, or when somebody asks for it, until that succeeds.
 * To be called at the drop.
 * @returns why the attempts began
 */
export async function connectAgain(
  window: Window,
  noticesAfterMs = EDITOR_NOTICES_AFTER_MS,
): Promise<'asked' | 'noticed'> {
  const begun = await window.page.evaluate<'asked' | 'noticed'>(`new Promise((resolve) => {
    globalThis.rigAsked = () => resolve('asked');
    setTimeout(resolve, ${noticesAfterMs}, 'noticed');
  })`);
  for (let attempt = 2; ; attempt++) {
    await sleep(WAITS_MS[attempt - 2] ?? WAITS_MS.at(-1) ?? 0);
    if ((await resolveAgain(window, attempt)).type === 'ok') return begun;
  }
}

/** One attempt to connect again. */
export function resolveAgain(window: Window, attempt: number): Promise<Resolved> {
  return window.page.evaluate<Resolved>(`globalThis.rigResolve(${attempt})`);
}
