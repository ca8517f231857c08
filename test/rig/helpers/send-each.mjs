// Runs inside a namespace: sends datagrams in order, each from its own address.
// node send-each.mjs, with {host, port, gapMs, datagrams: [{source, body: base64}]} as JSON on stdin
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const { host, port, gapMs, datagrams } = JSON.parse(readFileSync(0, 'utf8'));

for (const { source, body } of datagrams) {
  await new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.on('error', reject);
    socket.bind(0, source, () => socket.send(Buffer.from(body, 'base64'), port, host, () => socket.close(resolve)));
  });
  await sleep(gapMs);
}
