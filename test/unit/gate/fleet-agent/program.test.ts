import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { build } from '../../../../scripts/build.mjs';
import { StandInGate } from '../../../rig/fleet-stand-in.ts';
import { layParcel, serveFolder, tokenOf } from '../../../rig/fleet-store.ts';
import { temporaryFolder } from '../support.ts';
import { certificateIn, listening } from './certificate.ts';
import { next, present, TAKER } from './sets.ts';

it('the program brings sets over HTTPS, and stays below 100 MB when a store sends it 100 MB', async () => {
  const folder = temporaryFolder();
  const program = join(folder, 'knockgated-fleet.cjs');
  await build({ entries: { [program]: 'server-helper/fleet-agent/main.ts' } });
  const [store, socket, settings] = ['store', 'fleet.sock', 'fleet.toml'].map((name) => join(folder, name));
  if (store === undefined || socket === undefined || settings === undefined) return;
  layParcel(store, 'web1', present);
  const gate = new StandInGate(TAKER);
  await gate.listen(socket);
  onTestFinished(() => gate.close());

  let floods = 0;
  let isHostile = false;
  const serve = serveFolder(store);
  const server = createServer(certificateIn(folder), (request, response) => {
    if (!isHostile) return serve(request, response);
    floods++;
    response.on('error', () => {});
    // Without a length.
    response.end(Buffer.alloc(100_000_000, 'x'));
  });
  const base = await listening(server);
  const source = `url = "${base.href}"\nca = "${join(folder, 'cert.pem')}"\npoll = 2`;
  writeFileSync(settings, `[store]\ngate = "web1"\ntoken = "${tokenOf('web1')}"\n${source}\n`);
  const agent = spawn(process.execPath, [program, '--settings', settings, '--socket', socket], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  onTestFinished(() => {
    agent.kill();
  });

  const patience = { timeout: 20_000, interval: 50 };
  await vi.waitFor(() => expect(gate.people).toBe('ana ben'), patience);
  isHostile = true;
  await vi.waitFor(() => expect(floods).toBeGreaterThan(0), patience);
  layParcel(store, 'web1', next);
  isHostile = false;
  await vi.waitFor(() => expect(gate.people).toBe('ana cy'), patience);
  const [, highest] = /^VmHWM:\s+([0-9]+) kB$/m.exec(readFileSync(`/proc/${agent.pid}/status`, 'utf8')) ?? [];
  expect(Number(highest)).toBeGreaterThan(0);
  expect(Number(highest)).toBeLessThan(100_000);
}, 60_000);

it('the program says what is wrong with its settings, and ends', async () => {
  const folder = temporaryFolder();
  const program = join(folder, 'knockgated-fleet.cjs');
  await build({ entries: { [program]: 'server-helper/fleet-agent/main.ts' } });
  const missing = join(folder, 'fleet.toml');
  const run = () => execFileSync(process.execPath, [program, '--settings', missing], { stdio: 'pipe' });
  expect(run).toThrow(/knockgated-fleet: .*fleet\.toml cannot be read/);
});
