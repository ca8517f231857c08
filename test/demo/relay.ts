import { createSocket, type Socket } from 'node:dgram';

/** A relay between client and gate that records every datagram, and can damage them. */
export interface Relay {
  port: number;
  /** Bytes that have passed so far. */
  seen: Buffer[];
  /** Flips a bit in the middle of whatever passes from now on. */
  damage(on: boolean): void;
  /** Sends a datagram of its own making on the same way. */
  send(datagram: Buffer): Promise<void>;
  close(): void;
}

/** Passes datagrams on to a port of this machine. */
export async function startRelay(toPort: number): Promise<Relay> {
  const socket = createSocket('udp4');
  const seen: Buffer[] = [];
  let damaging = false;
  const send = (datagram: Buffer) => {
    return new Promise<void>((resolve, reject) => {
      socket.send(datagram, toPort, '127.0.0.1', (error) => (error ? reject(error) : resolve()));
    });
  };
  socket.on('message', (datagram) => {
    seen.push(datagram);
    const passed = Buffer.from(datagram);
    const middle = passed.length >> 1;
    if (damaging) passed.writeUInt8(passed.readUInt8(middle) ^ 1, middle);
    void send(passed);
  });
  return {
    port: await bind(socket),
    seen,
    damage: (on) => {
      damaging = on;
    },
    send,
    close: () => socket.close(),
  };
}

/** A UDP port of this machine that nobody uses at the moment. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  const port = await bind(socket);
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}

function bind(socket: Socket): Promise<number> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, '127.0.0.1', () => resolve(socket.address().port));
  });
}
