// Runs inside a namespace: sends datagrams and prints how many, as one JSON line.
// node udp-send.mjs, with {host, port, count, timeMs, size, rate, bodies: [base64], source, sourcePort} as JSON on stdin
import { randomFillSync } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';

const { host, port, count, timeMs, size, rate, bodies, source, sourcePort } = JSON.parse(readFileSync(0, 'utf8'));
const family = host.includes(':') ? 6 : 4;
const socket = createSocket({ type: `udp${family}`, lookup: (name, _options, done) => done(null, name, family) });

// Random bytes are made once and read at a moving offset: making them anew would take longer than sending them.
const pool = randomFillSync(Buffer.alloc(1 << 20));
const given = bodies.map((body) => Buffer.from(body, 'base64'));
const body = (n) => {
  if (given.length > 0) return given[n % given.length];
  const offset = (n * 13) % (pool.length - size);
  return pool.subarray(offset, offset + size);
};

let sent = 0;
let failed = 0;
await new Promise((resolve) => socket.bind(sourcePort, source, resolve));
const start = performance.now();
const elapsed = () => performance.now() - start;
while (sent + failed < count && elapsed() < timeMs) {
  const ahead = rate > 0 && sent + failed > (elapsed() / 1000) * rate;
  if (ahead) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    continue;
  }
  const batch = Math.min(rate > 0 ? 16 : 64, count - sent - failed);
  const base = sent + failed;
  const sends = Array.from({ length: batch }, (_, i) => {
    return new Promise((resolve) => socket.send(body(base + i), port, host, resolve));
  });
  for (const error of await Promise.all(sends)) {
    if (error) failed += 1;
    else sent += 1;
  }
}
const ms = elapsed();
socket.close();
process.stdout.write(`${JSON.stringify({ sent, failed, ms })}\n`);
