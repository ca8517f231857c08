import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser } from '../rig/editor/browser.ts';
import { Home } from '../rig/editor/home.ts';
import { Window } from '../rig/editor/window.ts';
import { namespacesOf } from '../rig/leftovers.ts';
import { ended, sleep } from '../rig/process.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

describe('npm run demo:workbench', () => {
  const temporary = mkdtempSync(join(tmpdir(), 'demo-workbench-'));
  const home = new Home();
  let demo: ChildProcess;
  let browser: BrowserContext;
  let window: Window;
  let said = '';

  beforeAll(async () => {
    // The gate's daemon is somebody else, and has files in there.
    chmodSync(temporary, 0o755);
    const port = await freePort();
    const env = { ...process.env, TMPDIR: temporary };
    demo = spawn(process.execPath, ['scripts/demo-workbench.mjs', '--port', String(port)], { cwd: ROOT, env });
    for (const stream of [demo.stdout, demo.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
    }
    while (!/http:\S+/.test(said)) {
      if (demo.exitCode !== null) throw new Error(`the demo ended with ${demo.exitCode}: ${said}`);
      await sleep(50);
    }
    // On the machine itself, as the browser of a person who runs the demo is.
    browser = await startBrowser(undefined, home);
    window = new Window(await browser.newPage(), /http:\S+/.exec(said)?.[0] ?? '');
    await window.load();
  });
  afterAll(async () => {
    demo?.kill('SIGKILL');
    await browser?.close();
    home.delete();
    rmSync(temporary, { recursive: true, force: true });
  });

  it('prints an address where the workbench is, and what to do', () => {
    expect(said).toMatch(/http:\/\/127\.0\.0\.1:\d+\/\?folder=/);
    expect(said).toContain('Ctrl-C');
  });

  it('enrols the key that is pasted, and the door opens', async () => {
    demo.stdin?.write('nonsense\n');
    await window.runCommand('Knockgate: Copy Public Key');
    await window.notice(/clipboard/);
    demo.stdin?.write(`${await window.clipboard()}\n`);
    await window.eventually('the enrolment', async () => /^enrolled: /m.test(said));
    expect(said).toContain('not enrolled: ');
    await window.runCommand('Knockgate: Knock…');
    await window.pick('target');
    await window.statusBarSays('knockgate.knockgate', /target: open/);
  });

  it('lets ssh in from a terminal of the workbench', async () => {
    await window.runCommand('Terminal: Create New Terminal');
    await window.page.locator('.terminal-wrapper.active .xterm-screen').waitFor();
    await window.page.locator('.terminal-wrapper.active').click();
    await window.page.keyboard.type('ssh target \'echo "inside: $SSH_CONNECTION"\' | tee inside.txt\n');
    const folder = new URL(window.page.url()).searchParams.get('folder') ?? '';
    await window.eventually('the far side to answer', async () => read(`${folder}/inside.txt`) !== '');
    expect(read(`${folder}/inside.txt`)).toMatch(/^inside: 192\.0\.2\.1 \d+ 192\.0\.2\.2 22$/m);
    await window.screenshot('.cache/screens/demo-terminal.png');
  });

  it('leaves nothing on Ctrl-C', async () => {
    const { pid = 0 } = demo;
    expect(namespacesOf(pid).size).toBe(2);
    demo.kill('SIGINT');
    expect(await ended(demo)).toBe(130);
    expect(namespacesOf(pid).size).toBe(0);
    expect(readdirSync(temporary).filter((name) => name.startsWith('kg-'))).toEqual([]);
  });
});

function read(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** A port of loopback that nobody uses at the moment. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
