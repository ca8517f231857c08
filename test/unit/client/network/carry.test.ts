import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { PassThrough, Readable, Writable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { carry } from '../../../../src/client/network/carry.ts';
import { probeTcp } from '../../../../src/client/network/probe.ts';

const FOREVER = new AbortController().signal;

/** A connection to a server that does something with it. */
async function connection(serve: (socket: Socket) => void): Promise<Socket> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  const probed = await probeTcp('127.0.0.1', (server.address() as AddressInfo).port, 900, FOREVER);
  if (probed.kind !== 'open') throw new Error(probed.kind);
  return probed.socket;
}

/** An output that takes its time, and keeps what it got. */
function slowOutput() {
  const chunks: Buffer[] = [];
  const output = new Writable({
    highWaterMark: 1024,
    write: (chunk, _, done) => {
      chunks.push(chunk);
      setImmediate(done);
    },
  });
  return { output, text: () => Buffer.concat(chunks) };
}

describe('carrying a connection', () => {
  it('passes on the end of the input, and still takes the answer to the last byte', async () => {
    const answer = Buffer.alloc(3_000_000, 'knock');
    const socket = await connection((server) => {
      let got = 0;
      server.on('data', (chunk) => {
        got += chunk.length;
      });
      server.on('end', () => server.end(Buffer.concat([Buffer.from(`${got} `), answer])));
    });
    const input = Readable.from(Array.from({ length: 100 }, () => Buffer.alloc(20_000)));
    const { output, text } = slowOutput();
    expect(await carry(input, socket, output, FOREVER)).toEqual({ kind: 'ended' });
    expect(text().equals(Buffer.concat([Buffer.from('2000000 '), answer]))).toBe(true);
  });

  it('passes on the end of the server, and still sends what comes', async () => {
    let heard = '';
    const socket = await connection((server) => {
      server.end('bye');
      server.on('data', (chunk) => {
        heard += chunk;
      });
    });
    const input = new PassThrough();
    const { output, text } = slowOutput();
    const carried = carry(input, socket, output, FOREVER, 'linux');
    await once(output, 'finish');
    expect(text().toString()).toBe('bye');
    input.write('late ');
    input.end('words');
    expect(await carried).toEqual({ kind: 'ended' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(heard).toBe('late words');
  });

  it('is over with the server on Windows, though the input goes on', async () => {
    const socket = await connection((server) => server.end('bye'));
    const { output, text } = slowOutput();
    expect(await carry(new PassThrough(), socket, output, FOREVER, 'win32')).toEqual({ kind: 'ended' });
    expect([text().toString(), socket.destroyed]).toEqual(['bye', true]);
  });

  it('does not read faster than it can write', async () => {
    const socket = await connection((server) => server.write(Buffer.alloc(50_000_000)));
    const stuck = new Writable({ highWaterMark: 1024, write: () => {} });

    const stop = new AbortController();
    const carried = carry(new PassThrough(), socket, stuck, stop.signal);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(socket.bytesRead).toBeLessThan(1_000_000);
    stop.abort();
    expect(await carried).toEqual({ kind: 'aborted' });
  });

  it('does not take more input than the server reads', async () => {
    const socket = await connection((server) => server.pause());
    let taken = 0;
    const input = new Readable({
      read() {
        taken += 65_536;
        setImmediate(() => this.push(taken > 100_000_000 ? null : Buffer.alloc(65_536)));
      },
    });
    const stop = new AbortController();
    const carried = carry(input, socket, new PassThrough(), stop.signal);
    await new Promise((resolve) => setTimeout(resolve, 300));
    // What the system holds for both ends is a few megabytes.
    expect(socket.writableLength).toBeLessThan(1_000_000);
    stop.abort();
    expect(await carried).toEqual({ kind: 'aborted' });
  });

  it('ends quietly when nobody reads the output any more', async () => {
    const socket = await connection((server) => server.write('hello'));
    const output = new Writable({ write: (_, __, done) => done(Object.assign(new Error(), { code: 'EPIPE' })) });
    expect(await carry(new PassThrough(), socket, output, FOREVER)).toEqual({ kind: 'ended' });
    expect(socket.destroyed).toBe(true);
  });

  it('says so when the connection breaks, also when it broke before', async () => {
    const socket = await connection((server) => setTimeout(() => server.resetAndDestroy(), 30));
    const lost = () => carry(new PassThrough(), socket, slowOutput().output, FOREVER);
    expect(await lost()).toEqual({ kind: 'lost', code: 'ECONNRESET' });
    expect(await lost()).toEqual({ kind: 'lost', code: 'ECONNRESET' });
  });
});
