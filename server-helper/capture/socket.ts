import { createSocket, type Socket } from 'node:dgram';
import { parseAddress } from '../../src/base/addresses.ts';
import { captureFailed, needsPortRight, portInUse, reasonOf } from '../problems.ts';
import type { Capture, CaptureEvents } from './capture.ts';

/** Hears knocks on bound UDP sockets: for hosts without tcpdump, and for trying the daemon without root. */
export class SocketCapture implements Capture {
  private readonly ports: readonly number[];
  private readonly sockets: Socket[] = [];

  constructor(ports: readonly number[]) {
    this.ports = ports;
  }

  async start(events: CaptureEvents): Promise<void> {
    for (const port of this.ports) {
      await this.bind('udp4', port, events);
      await this.bind('udp6', port, events);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.sockets.map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))));
  }

  private bind(type: 'udp4' | 'udp6', port: number, events: CaptureEvents): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = createSocket({ type, ipv6Only: type === 'udp6' });
      socket.on('message', (datagram, sender) => {
        const source = parseAddress(sender.address.replace(/%.*$/, ''));
        if (source !== undefined) events.packet({ source, datagram });
      });
      socket.once('error', (error: NodeJS.ErrnoException) => {
        socket.close();
        // A host without IPv6 has only its IPv4 sockets.
        if (type === 'udp6' && (error.code === 'EAFNOSUPPORT' || error.code === 'EADDRNOTAVAIL')) resolve();
        else reject(problemOf(error, port));
      });
      socket.bind(port, () => {
        socket.removeAllListeners('error');
        socket.on('error', (error) => events.lost(reasonOf(error)));
        this.sockets.push(socket);
        resolve();
      });
    });
  }
}

function problemOf(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === 'EADDRINUSE') return portInUse(port);
  if (error.code === 'EACCES') return needsPortRight(port);
  return captureFailed(reasonOf(error));
}
