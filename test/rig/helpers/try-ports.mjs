// Runs inside a namespace: sends a SYN or a datagram of its own flow to each port, from each address, and last a datagram to the port that ends it.
// node try-ports.mjs, with {targets: [{source, host, ports: ["tcp/22", …], end}]} as JSON on stdin
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

const { targets } = JSON.parse(readFileSync(0, 'utf8'));

const sendDatagram = (source, host, port) =>
  new Promise((resolve) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    // A refusal is an answer like any other: what arrives is seen on the other side.
    socket.on('error', () => {});
    socket.bind(0, source, () => socket.send('', port, host, () => socket.close(resolve)));
  });

const sockets = [];
for (const { source, host, ports } of targets)
  for (const text of ports) {
    const [protocol, port] = text.split('/');
    if (protocol === 'udp') await sendDatagram(source, host, Number(port));
    else {
      const socket = connect({ host, port: Number(port), localAddress: source });
      socket.on('error', () => {});
      sockets.push(socket);
      // The SYN goes out in the loop's next turn.
      await turn();
    }
  }
await turn();
for (const { source, host, end } of targets) await sendDatagram(source, host, end);
for (const socket of sockets) socket.destroy();
