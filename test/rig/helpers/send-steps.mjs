// Sends one packet to each port in turn: send-steps.mjs HOST GAP_MS STEP...; a step is tcp/7000 or udp/8000.
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const [host, gap, ...steps] = process.argv.slice(2);

const send = {
  udp: (port) =>
    new Promise((resolve, reject) => {
      const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
      socket.send('', port, host, (error) => {
        socket.close();
        if (error) reject(error);
        else resolve();
      });
    }),
  tcp: async (port) => {
    const socket = connect(port, host);
    // Refused, most likely: the SYN was on its way by then.
    socket.on('error', () => {});
    await sleep(5);
    socket.destroy();
  },
};

for (const step of steps) {
  const [protocol, port] = step.split('/');
  await send[protocol](Number(port));
  await sleep(Number(gap));
}
