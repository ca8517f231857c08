import { afterEach, beforeEach, expect, it } from 'vitest';
import { exec, run, TARGET4 } from '../rig/netns.ts';
import { end } from '../rig/process.ts';
import { Scene } from '../rig/scene.ts';

/** Ends each connection by a reset: the kernel has forgotten it, while connection tracking still knows it. */
const RESETS = `const late = (s) => setTimeout(() => s.resetAndDestroy(), 200);
require('net').createServer((s) => late(s.on('error', () => {}))).listen(80, () => console.log('listening'))`;
/** Connects from one and the same port, and says the result. */
const CONNECTS = `const s = require('net').connect({ host: '${TARGET4}', port: 80, localPort: 40000 });
s.on('connect', () => s.on('close', () => process.exit()) && console.log('connected')).on('error', () => {});
setTimeout(() => process.exit(), 800)`;

let scene: Scene;
beforeEach(async () => {
  scene = await Scene.make({ name: 'reset', settings: { ports: ['tcp/80'] } });
});
afterEach(async () => {
  await scene.end();
});

it('a connection that was reset does not let the next one from its port in without a grant', async () => {
  const server = exec(scene.pair.target, [process.execPath, '-e', RESETS], { stdio: ['ignore', 'pipe', 'ignore'] });
  await new Promise((resolve) => server.stdout?.once('data', resolve));
  const connect = async () => (await run(scene.pair.client, [process.execPath, '-e', CONNECTS])).stdout;
  await scene.outcome(scene.seal());
  expect(await connect()).toBe('connected\n');
  await scene.gate.cli(['flush']);
  expect(await connect()).toBe('');
  await end(server);
});
