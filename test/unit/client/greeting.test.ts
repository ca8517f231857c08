import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readGreeting } from '../../../src/client/diagnose/greeting.ts';
import { probeTcp } from '../../../src/client/network/probe.ts';

/** A server that greets each connection, and reports how the client closed it. */
async function server(speak: (socket: Socket) => void) {
  const seen: string[] = [];
  const listening = createServer((socket) => {
    socket.on('data', (bytes) => seen.push(bytes.toString('latin1')));
    socket.on('end', () => seen.push('end'));
    socket.on('error', () => seen.push('error'));
    speak(socket);
  });
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    listening.close();
  });
  const { port } = listening.address() as AddressInfo;
  const probed = await probeTcp('127.0.0.1', port, 500, new AbortController().signal);
  if (probed.kind !== 'open') throw new Error(probed.kind);
  return { socket: probed.socket, seen };
}

describe('the greeting of a server', () => {
  it.each([
    ['SSH-2.0-OpenSSH_9.2p1 Debian\r\n', 'SSH-2.0-OpenSSH_9.2p1 Debian'],
    ['Welcome\r\nto this host\r\nSSH-2.0-x\n', 'SSH-2.0-x'],
    ['220 mail ready\r\n', undefined],
    ['SSH-2.0-\u001b[31mred\r\n', undefined],
  ])('of %j is read', async (said, greeting) => {
    const { socket } = await server((peer) => peer.write(said, 'latin1'));
    expect(await readGreeting(socket, 300)).toBe(greeting);
  });

  it('may come in pieces; then the connection is ended, without a word', async () => {
    const { socket, seen } = await server((peer) => {
      peer.write('SSH-2.');
      setTimeout(() => peer.write('0-slow\r\n'), 30);
    });
    expect(await readGreeting(socket, 1000)).toBe('SSH-2.0-slow');
    await expect.poll(() => seen).toEqual(['end']);
  });

  it('is not waited for where the server leaves at once', async () => {
    const { socket } = await server((peer) => peer.end());
    const startedMs = performance.now();
    expect(await readGreeting(socket, 5000)).toBeUndefined();
    expect(performance.now() - startedMs).toBeLessThan(2000);
  });
});
