import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import * as esbuild from 'esbuild';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { posixScript } from '../../../../src/ssh/hook/script.ts';
import { temporaryFolder } from '../../client/support.ts';

let bundle = '';

beforeAll(async () => {
  const { outputFiles } = await esbuild.build({
    entryPoints: ['src/ssh/hook/helper.ts'],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    write: false,
  });
  bundle = outputFiles[0]?.text ?? '';
});

/** The script as ssh runs it, and a server with that manner at its socket. */
async function hook(answer: (heard: string) => string | undefined) {
  const folder = temporaryFolder();
  const paths = {
    socket: join(folder, 'socket'),
    helper: join(folder, "it's ssh-hook.cjs"),
    script: join(folder, 'knock'),
  };
  const heard: string[] = [];
  const server = createServer((socket) => {
    socket.setEncoding('utf8').on('data', (text: string) => {
      heard.push(text);
      const reply = answer(text);
      if (reply !== undefined) socket.end(reply);
    });
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(paths.socket, resolve));
  onTestFinished(() => close(server));
  writeFileSync(paths.helper, bundle);
  writeFileSync(paths.script, posixScript({ runtime: process.execPath, ...paths }), { mode: 0o700 });
  const run = (args: string[], env: Record<string, string> = {}) =>
    new Promise<{ code: number | null; output: string }>((resolve) => {
      const child = spawn(paths.script, args, { env: { ...process.env, ...env } });
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => {
          output += text;
        });
      child.on('close', (code) => resolve({ code, output }));
    });
  return { run, heard, server };
}

function close(server: Server): void {
  server.close();
}

const QUIET = { code: 0, output: '' };

describe('the helper', () => {
  it('asks for the host, and ends with the answer', async () => {
    const { run, heard } = await hook(() => 'done\n');
    // Whatever a terminal of the editor says that Node is to load first.
    expect(await run(['prod'], { NODE_OPTIONS: '--require /nowhere.js' })).toMatchObject(QUIET);
    expect(heard).toEqual(['knock prod\n']);
  });

  it('ends by itself when nobody answers', async () => {
    const { run, heard } = await hook(() => undefined);
    expect(await run(['prod'])).toMatchObject(QUIET);
    // The end of the program may be noticed before what it has said is read.
    await vi.waitFor(() => expect(heard).toEqual(['knock prod\n']), 5000);
  });

  it.each([
    ['what was not expanded', ['%n'], {}],
    ['nothing', [], {}],
    ['a look at the configuration', ['prod'], { KNOCKGATE_HOOK_OFF: '1' }],
  ])('does not ask for %s', async (_, args, env) => {
    const { run, heard } = await hook(() => 'done\n');
    expect(await run(args, env)).toMatchObject(QUIET);
    expect(heard).toEqual([]);
  });

  it('succeeds without a word when the editor has gone', async () => {
    const { run, server } = await hook(() => 'done\n');
    await new Promise((resolve) => server.close(resolve));
    expect(await run(['prod'])).toMatchObject(QUIET);
  });
});
