import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { exec } from '../rig/netns.ts';

/** Listens in a namespace, and carries each connection to a socket file. */
const RELAY = `
  const [address, port, path] = process.argv.slice(1);
  const { connect, createServer } = require('node:net');
  const relay = createServer((outer) => {
    const inner = connect(path);
    for (const socket of [outer, inner]) socket.on('error', () => { outer.destroy(); inner.destroy(); });
    outer.pipe(inner).pipe(outer);
  });
  relay.listen(Number(port), address, () => console.log('listening'));`;

/** Makes the server behind a socket file reachable at a TCP port of a namespace, until the test ends. */
export async function relayToSocket(ns: string, address: string, port: number, path: string): Promise<void> {
  const relay = exec(ns, [process.execPath, '-e', RELAY, address, String(port), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    relay.kill();
    await once(relay, 'exit');
  });
  if (relay.stdout) await once(relay.stdout, 'data');
}
