import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { probeTcp } from '../../../../src/client/network/probe.ts';

const FOREVER = new AbortController().signal;

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

describe('a real connection attempt', () => {
  it('gives the connection, with what the server said first', async () => {
    const port = await listen(createServer((socket) => socket.end('SSH-2.0-hello\r\n')));
    const probed = await probeTcp('127.0.0.1', port, 900, FOREVER);
    if (probed.kind !== 'open') throw new Error(probed.kind);
    await new Promise((resolve) => setTimeout(resolve, 30));
    const chunks: Buffer[] = [];
    for await (const chunk of probed.socket) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe('SSH-2.0-hello\r\n');
    probed.socket.destroy();
  });

  it('tells a refusal', async () => {
    const server = createServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    expect(await probeTcp('127.0.0.1', port, 900, FOREVER)).toEqual({ kind: 'refused' });
  });

  it('tells what the system says', async () => {
    expect(await probeTcp('255.255.255.255', 22, 900, FOREVER)).toMatchObject({ kind: 'unreachable' });
  });

  it('is over at once when told to, and leaves nothing connected', async () => {
    const stop = new AbortController();
    stop.abort();
    const server = createServer((socket) => socket.on('error', () => {}));
    const port = await listen(server);
    expect(await probeTcp('127.0.0.1', port, 900, stop.signal)).toEqual({ kind: 'silent' });
    await new Promise((resolve) => setTimeout(resolve, 30));
    const connections = await new Promise((resolve) => server.getConnections((_, count) => resolve(count)));
    expect(connections).toBe(0);
  });

  it('survives a connection that breaks before anybody listens to it', async () => {
    const port = await listen(createServer((socket) => setTimeout(() => socket.resetAndDestroy(), 10)));
    const probed = await probeTcp('127.0.0.1', port, 900, FOREVER);
    if (probed.kind !== 'open') throw new Error(probed.kind);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(probed.socket.destroyed).toBe(true);
  });
});
