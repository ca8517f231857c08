import type { Window } from '../rig/editor/window.ts';

const PATIENCE_MS = 90_000;

/**
 * Waits until the editor has stored a page of ours, and that it is open: only then a reload brings the page back. In a
 * browser the editor stores such things every five seconds when it is idle. What it stores while it is unloaded may be lost.
 */
export async function isKept(window: Window, text: string): Promise<void> {
  await window.eventually(
    `the page with "${text}" to be stored`,
    async () => {
      const stored = await window.page.evaluate<string[]>(STORED);
      const [page] = stored.flatMap(documentsIn).filter((each) => each.text.includes(text));
      return page && stored.some((each) => isOpenIn(each, page.path));
    },
    PATIENCE_MS,
  );
}

/** All texts that the editor has stored in the browser. */
const STORED = `(async () => {
  const result = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const texts = [];
  for (const { name } of await indexedDB.databases()) {
    const database = await result(indexedDB.open(name));
    for (const table of database.objectStoreNames)
      texts.push(...(await result(database.transaction(table).objectStore(table).getAll())));
    database.close();
  }
  return texts.filter((text) => typeof text === 'string');
})()`;

/** Whether that is what the editor stores of its open editors, and a preview of the page is among them. Quotes in it are escaped, more than once. */
function isOpenIn(stored: string, path: string): boolean {
  const plain = stored.replaceAll('\\', '');
  return plain.includes('markdown.preview') && plain.includes(`"resource":"knockgate-diagnosis:${encodeURI(path)}"`);
}

/** The pages that our extension has stored in its state of the window. */
function documentsIn(stored: string): { path: string; text: string }[] {
  return stored.includes('"knockgate.documents"') ? JSON.parse(stored)['knockgate.documents'] : [];
}
