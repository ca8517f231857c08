import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { repositoryAddress } from '../../scripts/gallery-page.mjs';
import type { Workbench } from '../rig/editor/workbench.ts';

const RAW = `${repositoryAddress(JSON.parse(readFileSync('package.json', 'utf8')))}/raw/HEAD/`;

/**
 * Answers for the repository, from the files here: it has no address before it is published.
 * @returns the paths that were asked for so far
 */
export async function serveRepositoryPictures({ browser }: Workbench): Promise<readonly string[]> {
  const asked: string[] = [];
  await browser.route(`${RAW}**`, async (route) => {
    const path = new URL(route.request().url()).href.slice(RAW.length);
    asked.push(path);
    await route.fulfill({ path: resolve(path) });
  });
  return asked;
}
