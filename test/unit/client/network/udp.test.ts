import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openUdpRoute } from '../../../../src/client/network/udp.ts';
import { systemErrorCode } from '../../../../src/os/system-error.ts';

async function listener(type: 'udp4' | 'udp6', address: string) {
  const socket = createSocket(type);
  socket.bind(0, address);
  await once(socket, 'listening');
  onTestFinished(() => {
    socket.close();
  });
  return socket;
}

describe('real datagrams', () => {
  it.each([
    ['udp4', '127.0.0.1'],
    ['udp6', '::1'],
  ] as const)('arrive whole over %s, and our own address is known before', async (type, address) => {
    const server = await listener(type, address);
    const arrived = once(server, 'message');
    const route = await openUdpRoute(address, server.address().port);
    expect(route.localAddress).toBe(address);
    const datagram = new Uint8Array(1232).fill(7);
    await route.send(datagram);
    route.close();
    const [message, from] = await arrived;
    expect(new Uint8Array(message)).toEqual(datagram);
    expect(from.address).toBe(address);
  });

  it('are not stopped by a port that answers with an ICMP error', async () => {
    const server = createSocket('udp4');
    server.bind(0, '127.0.0.1');
    await once(server, 'listening');
    const route = await openUdpRoute('127.0.0.1', server.address().port);
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await route.send(Uint8Array.of(1));
    await new Promise((resolve) => setTimeout(resolve, 20));
    route.close();
  });

  it('without a route end in the error of the system', async () => {
    // The broadcast address needs a permission that the socket does not have.
    const error = await openUdpRoute('255.255.255.255', 443).catch((reason: unknown) => reason);
    expect(systemErrorCode(error)).toMatch(/^E[A-Z]+$/);
  });
});
