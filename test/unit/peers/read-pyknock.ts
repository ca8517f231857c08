import { createHmac } from 'node:crypto';

/**
 * A reader of pyknock's datagram, written from the description of its format alone; it shares no code with src/peers. The Python
 * server of test/interop/peers is another one.
 */
export function readPyknock(psk: string, now: number, datagram: Buffer): { does: string; address: string } | string {
  if (datagram.length < 45) return 'short';
  const tag = createHmac('sha256', Buffer.from(psk, 'latin1')).update(datagram.subarray(32)).digest();
  const seconds = datagram.readDoubleLE(33);
  // The server compares like this: a NaN passes.
  if (Math.abs(seconds - now) > 60) return 'time';
  if (!tag.equals(datagram.subarray(0, 32))) return 'tag';
  const family = datagram.readInt32LE(41);
  const bytes = datagram.subarray(45);
  const address = addressOf(family, bytes);
  if (address === undefined) return 'address';
  const does = { 1: 'open', 2: 'close' }[datagram.readUInt8(32)];
  return does === undefined ? 'opcode' : { does, address };
}

function addressOf(family: number, bytes: Buffer): string | undefined {
  if (family === 2 && bytes.length === 4) return [...bytes].join('.');
  return family === 10 && bytes.length === 16 ? bytes.toString('hex') : undefined;
}
