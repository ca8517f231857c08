// Runs inside a namespace until stdin ends: does what each line asks for, one after the other, and answers each with a line.
// {"steps": ["udp/7000", …], "host": …, "source": …}: one packet to each port in turn.
// {"targets": [{"source": …, "host": …, "ports": ["tcp/22", …], "end": 9}]}: a SYN or a datagram of its own flow to each port, from each
// address, and last a datagram to the port that ends it.
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';

const sendDatagram = (source, host, port) =>
  new Promise((resolve) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    // A refusal is an answer like any other: what arrives is seen on the other side.
    socket.on('error', () => {});
    socket.bind(0, source, () => socket.send('', port, host, () => socket.close(resolve)));
  });

/** @returns the socket, for the caller to destroy; undefined for a datagram */
const sendOne = async (source, host, text) => {
  const [protocol, port] = text.split('/');
  if (protocol === 'udp') {
    await sendDatagram(source, host, Number(port));
    return undefined;
  }
  const socket = connect({ host, port: Number(port), localAddress: source });
  socket.on('error', () => {});
  // The SYN goes out in the loop's next turn.
  await turn();
  return socket;
};

const walk = async ({ steps, host, source }) => {
  for (const step of steps) {
    const socket = await sendOne(source, host, step);
    await sleep(1);
    socket?.destroy();
  }
};

const tryPorts = async ({ targets }) => {
  const sockets = [];
  for (const { source, host, ports } of targets)
    for (const text of ports) sockets.push(await sendOne(source, host, text));
  await turn();
  for (const { source, host, end } of targets) await sendDatagram(source, host, end);
  for (const socket of sockets) socket?.destroy();
};

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  await (order.steps ? walk(order) : tryPorts(order));
  process.stdout.write('done\n');
}
