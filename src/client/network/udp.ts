import { createSocket } from 'node:dgram';

/** Route for datagrams to one address and port: a connected socket. */
export interface UdpRoute {
  /** Our own address on this route. */
  readonly localAddress: string;
  /** Rejects with the system's error when it cannot be sent. */
  send(datagram: Uint8Array): Promise<void>;
  close(): void;
}

/**
 * Finds the way to a literal address; sends nothing. Rejects with the system's error when there is none.
 * @param from port to send from; undefined: any
 */
export type OpenUdpRoute = (address: string, port: number, from?: number) => Promise<UdpRoute>;

/** Opens real routes. The socket is connected, so that the system says which of our addresses it sends from. */
export const openUdpRoute: OpenUdpRoute = async (address, port, from) => {
  const socket = createSocket({ type: address.includes(':') ? 'udp6' : 'udp4', lookup: asItIs });
  // An ICMP error about an earlier datagram says nothing about the gate: one that hides never answers.
  socket.on('error', () => {});
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.once('connect', resolve);
      // Without a callback: Node would call it for an error too.
      const connect = () => socket.connect(port, address);
      if (from === undefined) connect();
      else socket.once('listening', connect).bind({ port: from, exclusive: true });
    });
  } catch (error) {
    socket.close();
    throw error;
  }
  return {
    localAddress: socket.address().address,
    send: (datagram) =>
      new Promise((resolve, reject) => {
        socket.send(datagram, (error) => (error === null ? resolve() : reject(error)));
      }),
    close: () => socket.close(),
  };
};

/** Resolves an address to itself. Node's own `lookup` loads its resolver first, and asks whether an IPv4 address is an IPv6 one. */
function asItIs(
  address: string,
  _family: unknown,
  found: (error: null, address: string, family: number) => void,
): void {
  process.nextTick(found, null, address, address.includes(':') ? 6 : 4);
}
