import { crc32 } from 'node:zlib';

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
}

/** A picture of an animation, as a PNG, and for how long it shows. */
export interface Frame {
  readonly png: Buffer;
  readonly seconds: number;
}

/**
 * Joins screenshots of one size into an animated PNG, which repeats for ever. Programs that cannot play it show the first frame.
 * A frame's compressed data stays as it is: PNG specification (third edition), sections 11.3.6.1 to 11.3.6.3.
 */
export function animate(frames: readonly Frame[]): Buffer {
  const [first] = frames;
  if (first === undefined) throw new Error('an animation needs a frame');
  const header = headerOf(first.png);
  let sequence = 0;
  const chunks = frames.flatMap(({ png, seconds }, at): Chunk[] => {
    if (!headerOf(png).equals(header)) throw new Error('the frames differ in size or colour type');
    const control = frameControl(sequence++, header, seconds);
    const data = chunksOf(png).filter(({ type }) => type === 'IDAT');
    // The first frame is the still picture at the same time, and keeps the name of its chunks.
    if (at === 0) return [control, ...data];
    return [control, ...data.map((each) => ({ type: 'fdAT', data: Buffer.concat([u32(sequence++), each.data]) }))];
  });
  const all = [
    { type: 'IHDR', data: header },
    { type: 'acTL', data: Buffer.concat([u32(frames.length), u32(0)]) },
    ...chunks,
    { type: 'IEND', data: Buffer.alloc(0) },
  ];
  return Buffer.concat([SIGNATURE, ...all.map(asBytes)]);
}

function chunksOf(png: Buffer): Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = SIGNATURE.length; at < png.length; ) {
    const length = png.readUInt32BE(at);
    chunks.push({ type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) });
    at += length + 12;
  }
  return chunks;
}

function headerOf(png: Buffer): Buffer {
  const header = chunksOf(png).find(({ type }) => type === 'IHDR')?.data;
  if (header === undefined) throw new Error('that is not a PNG');
  return header;
}

/** The whole picture is replaced, at the upper left corner, after so many hundredths of a second. */
function frameControl(sequence: number, header: Buffer, seconds: number): Chunk {
  const delay = Buffer.alloc(4);
  delay.writeUInt16BE(Math.round(seconds * 100), 0);
  delay.writeUInt16BE(100, 2);
  return {
    type: 'fcTL',
    data: Buffer.concat([u32(sequence), header.subarray(0, 8), u32(0), u32(0), delay, Buffer.of(0, 0)]),
  };
}

function asBytes({ type, data }: Chunk): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  return Buffer.concat([u32(data.length), named, u32(crc32(named))]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
