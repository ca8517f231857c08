import { createSocket } from 'node:dgram';
import { onTestFinished } from 'vitest';
import { formatGateLine } from '../../../src/spa/enrolment.ts';
import type { AccessRequest } from '../../../src/spa/payload.ts';
import { configuration } from '../../rig/fake-vscode.ts';
import { pair, requestOf } from '../client/support.ts';
import { loopbackDoor } from '../loopback-door.ts';

/** A gate on loopback that listens for knocks; the port behind it is open all the time, never, or once it has heard one. */
export async function gate(isOpen: boolean | 'after a knock') {
  const knocks: AccessRequest[] = [];
  const door = await loopbackDoor('');
  const udp = createSocket('udp4', (datagram) => {
    knocks.push(requestOf(datagram));
    if (isOpen === 'after a knock') void door.open();
  });
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve));
  if (isOpen === true) await door.open();
  onTestFinished(() => void udp.close());
  const line = formatGateLine({
    key: pair.gatePublic,
    slots: 32,
    addresses: ['127.0.0.1'],
    knockPorts: [udp.address().port],
    name: 'gate',
  });
  configuration.set('knockgate.hosts', { prod: { gate: line, ports: [`tcp/${door.port}`] } });
  return { knocks, line };
}
