import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';
import { WORKBENCH } from '../../../scripts/workbench.mjs';
import type { Home } from './home.ts';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--force-color-profile=srgb',
];

/** Size of a browser's screen, in pixels. */
const SCREEN = { width: 1280, height: 800 };

/** Starts Chromium in a namespace; `--remote-debugging-pipe` reaches it there, which no port would. */
export async function startBrowser(ns: string | undefined, home: Home): Promise<BrowserContext> {
  const program = join(home.dir, 'browser');
  const argv = ns === undefined ? WORKBENCH.browser : `ip netns exec ${ns} ${WORKBENCH.browser}`;
  writeFileSync(program, `#!/bin/sh\nexec ${argv} "$@"\n`, { mode: 0o755 });
  return await chromium.launchPersistentContext(home.profile, {
    executablePath: program,
    headless: true,
    args: FLAGS,
    env: { ...home.env, PATH: process.env.PATH ?? '' },
    viewport: SCREEN,
    // The tests clean up on signals themselves, in their own order.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    permissions: ['clipboard-read', 'clipboard-write'],
  });
}
