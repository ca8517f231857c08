// Runs in the clients' namespace: sends datagrams, and says after which time a TCP port opens for the address that sent one.
// node knocker.mjs HOST UDP_PORT TCP_PORT, then an order a line on stdin:
//   {"send": BASE64, "source": ADDRESS}                    sends, and answers nothing
//   {"knock": BASE64, "source": ADDRESS, "id": NUMBER}     answers {"id", "early", "ms"}: whether the port was open before; after how
//                                                          many milliseconds it was open, null for not within PATIENCE_MS
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

const [host, udpPort, tcpPort] = process.argv.slice(2);
/** A shut port answers nothing: it is believed to be shut after this time. */
const EARLY_MS = 40;
const TRY_EVERY_MS = 25;
const PATIENCE_MS = 20_000;

const sockets = new Map();

/** The UDP socket of an address, kept: a new one for each datagram would cost more than the datagram. */
function udpFrom(source) {
  const known = sockets.get(source);
  if (known) return known;
  const made = new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.bind(0, source, () => resolve(socket));
  });
  sockets.set(source, made);
  return made;
}

const send = async (source, body) => (await udpFrom(source)).send(Buffer.from(body, 'base64'), Number(udpPort), host);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Connections that are tried until one is accepted. */
class Tries {
  #sockets = [];
  isOpen = false;

  constructor(source) {
    this.source = source;
  }

  add() {
    const socket = connect({ host, port: Number(tcpPort), localAddress: this.source });
    socket.on('connect', () => {
      this.isOpen = true;
      this.opened?.();
    });
    // A refused or reset connection is one that did not open.
    socket.on('error', () => {});
    this.#sockets.push(socket);
  }

  /** Resolves when one is accepted, and after `ms` at the latest. */
  async wait(ms) {
    if (this.isOpen) return;
    const opened = new Promise((resolve) => {
      this.opened = resolve;
    });
    await Promise.race([opened, sleep(ms)]);
  }

  end() {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }
}

async function isOpen(source) {
  const tries = new Tries(source);
  tries.add();
  await tries.wait(EARLY_MS);
  tries.end();
  return tries.isOpen;
}

async function knock({ id, source, knock: body }) {
  const early = await isOpen(source);
  const start = performance.now();
  await send(source, body);
  const tries = new Tries(source);
  while (!tries.isOpen && performance.now() - start < PATIENCE_MS) {
    tries.add();
    await tries.wait(TRY_EVERY_MS);
  }
  const ms = tries.isOpen ? Math.round(performance.now() - start) : null;
  tries.end();
  process.stdout.write(`${JSON.stringify({ id, early, ms })}\n`);
}

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  if (order.knock === undefined) await send(order.source, order.send);
  else void knock(order);
}
process.exit();
