import { createCipheriv, createDecipheriv, createHash, createHmac, pbkdf2Sync } from 'node:crypto';

/** The key for cipher and HMAC, and the first ports of the list, of a passphrase. */
export function derived(passphrase: string, ports: number): { key: Buffer; ports: number[] } {
  const key = (salt: string) =>
    pbkdf2Sync(Buffer.from(passphrase).subarray(0, 256), Buffer.from(salt, 'hex'), 1024, 32, 'sha256');
  const portKey = key('f32b207dec9e08b90b8f68af61c5aa4c');
  const salt = Buffer.from('851bf8313f9d8f07594cbdc16c093a51', 'hex');
  const list: number[] = [];
  let state: Buffer = Buffer.alloc(32);
  while (list.length < ports) {
    const index = Buffer.alloc(4);
    index.writeUInt32LE(list.length);
    const next = () => createHash('sha256').update(state).update(portKey).update(salt).update(index).digest();
    state = next();
    while (list.length > 0 && (state.readUInt16LE() === 0 || list.includes(state.readUInt16LE()))) state = next();
    list.push(state.readUInt16LE());
  }
  return { key: key('a1d4ba1337deadbeefcafe1973447677'), ports: list };
}

const PROTOCOLS = ['any', 'tcp', 'udp', 'sctp'];
const ACTIONS = ['none', 'open', 'close', 'forward'];

/**
 * A server of Aldaba's SPA datagrams, written from the description of the format alone; it shares no code with src/peers. It has the
 * ciphers of OpenSSL. The Python server of test/interop/peers is another one.
 */
export class AldabaReader {
  private readonly passphrase: string;
  private readonly mode: string;
  private readonly seen = new Set<string>();

  constructor(passphrase: string, mode = 'cbc') {
    this.passphrase = passphrase;
    this.mode = mode;
  }

  /** @returns what it does, or why it does nothing */
  read(now: number, datagram: Buffer): string[] | string {
    if (datagram.length !== 160) return 'length';
    const { key } = derived(this.passphrase, 1);
    const iv = datagram.subarray(0, 16);
    const clear = Buffer.concat([iv, opened(this.mode, key, iv, datagram.subarray(16))]);
    if (clear.readUInt32BE(24) !== 0xa1daba77) return 'magic';
    if (clear[16] !== 1) return 'version';
    const tag = createHmac('sha256', key).update(clear.subarray(0, 128)).digest();
    if (!tag.equals(clear.subarray(128))) return 'tag';
    const time = clear.readUInt32BE(64);
    if (time <= now - 10 || time >= now + 10) return 'time';
    const once = clear.subarray(64, 84).toString('hex');
    if (this.seen.has(once)) return 'replay';
    this.seen.add(once);
    const address = clear[17] === 4 ? [...clear.subarray(32, 36)].join('.') : clear.subarray(32, 48).toString('hex');
    const asked = [0, 1].map((i) => {
      const byte = clear[18 + i] ?? 0;
      return { protocol: byte >> 4, action: byte & 15, port: clear.readUInt16BE(20 + 2 * i) };
    });
    // A forward is of both ports at once. With one of the two nothing is done.
    if (asked.some(({ action }) => action === 3)) return [];
    return asked
      .filter(({ action, protocol }) => (action === 1 || action === 2) && protocol < PROTOCOLS.length)
      .map(({ protocol, action, port }) => `${ACTIONS[action]} ${port} ${PROTOCOLS[protocol]} ${address}`);
  }
}

function opened(mode: string, key: Buffer, iv: Buffer, text: Buffer): Buffer {
  if (mode === 'ofb') return createCipheriv('aes-256-ofb', key, iv).update(text);
  const decipher = createDecipheriv(`aes-256-${mode}`, key, mode === 'ecb' ? null : iv).setAutoPadding(false);
  return Buffer.concat([decipher.update(text), decipher.final()]);
}
