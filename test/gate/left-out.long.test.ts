import { copyFileSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { scratch } from '../rig/cleanup.ts';
import { Scene } from '../rig/scene.ts';

const PART = 'knockgated-sequence.cjs';
const program = scratch('daemon');
let scene: Scene;

beforeAll(async () => {
  for (const name of readdirSync('dist').filter((each) => /^knockgated.*\.cjs$/.test(each)))
    copyFileSync(join('dist', name), join(program.dir, name));
  const sequences = [{ name: 'door', steps: ['tcp/7003', 'udp/7001', 'tcp/7005'] }];
  scene = await Scene.make({ name: 'left-out', gate: { daemon: join(program.dir, 'knockgated.cjs'), sequences } });
});
afterAll(async () => {
  await scene?.end();
});

it('a restart without the code of sequences lets clients in, and status names what is missing', async () => {
  const file = join(scene.gate.dir, PART);
  renameSync(file, `${file}.away`);
  await scene.gate.stop();
  await scene.gate.start();
  expect(await scene.outcome(scene.seal())).toMatchObject({ event: 'granted' });
  expect(await scene.isOpen()).toBe(true);
  expect(await scene.status()).toMatchObject({ skipped: [expect.stringContaining(PART)] });
  renameSync(`${file}.away`, file);
  await scene.gate.stop();
  await scene.gate.start();
  expect(await scene.status()).toMatchObject({ skipped: null });
});
