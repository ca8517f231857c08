import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { onTestFinished } from 'vitest';
import { formatGateLine } from '../../../src/spa/enrolment.ts';
import type { AccessRequest } from '../../../src/spa/payload.ts';
import { configuration } from '../../rig/fake-vscode.ts';
import { pair, requestOf } from '../client/support.ts';

/** A gate on loopback that listens for knocks; the port behind it is open all the time, never, or once it has heard one. */
export async function gate(isOpen: boolean | 'after a knock') {
  const knocks: AccessRequest[] = [];
  const udp = createSocket('udp4', (datagram) => {
    knocks.push(requestOf(datagram));
    if (isOpen === 'after a knock' && !tcp.listening) tcp.listen(port, '127.0.0.1');
  });
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve));
  const tcp = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
  const address = tcp.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  if (isOpen !== true) await new Promise((resolve) => tcp.close(resolve));
  onTestFinished(() => {
    udp.close();
    tcp.close();
  });
  const line = formatGateLine({
    key: pair.gatePublic,
    slots: 32,
    addresses: ['127.0.0.1'],
    knockPorts: [udp.address().port],
    name: 'gate',
  });
  configuration.set('knockgate.hosts', { prod: { gate: line, ports: [`tcp/${port}`] } });
  return { knocks, line };
}
