import type { Window } from './window.ts';
import type { Workbench } from './workbench.ts';

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
  await window.page.waitForFunction('globalThis.rigResolved !== undefined');
  return await window.page.evaluate<Resolved>('globalThis.rigResolved');
}
