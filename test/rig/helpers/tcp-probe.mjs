// Runs inside a namespace: tries a TCP port again and again until it opens, and prints one JSON line.
// node tcp-probe.mjs HOST PORT EVERY_MS TIMEOUT_MS
import { createConnection } from 'node:net';

const [host, port, every, timeout] = process.argv.slice(2);
const start = performance.now();
const pending = [];
let lastError = 'timeout';

const report = (result) => {
  process.stdout.write(`${JSON.stringify({ ms: performance.now() - start, ...result })}\n`);
  process.exit(0);
};

const attempt = () => {
  const socket = createConnection({ host, port: Number(port) });
  socket.on('connect', () => report({ open: true, at: performance.timeOrigin + performance.now() }));
  socket.on('error', (error) => {
    lastError = error.code;
  });
  pending.push(socket);
  // The kernel would repeat a lost SYN only after a second: fresh sockets find the moment that the port opens.
  // A handful stay, so that a slow handshake still has the time to finish.
  if (pending.length > 5) pending.shift()?.destroy();
};

attempt();
setInterval(attempt, Number(every));
setTimeout(() => report({ open: false, error: lastError }), Number(timeout));
