/** A frame of a pcap file. */
export interface Frame {
  readonly linkType: number;
  readonly bytes: Uint8Array;
  /** Whether the capturing host is little-endian. */
  readonly littleEndian: boolean;
  /** Time of the capture, in unix milliseconds. */
  readonly time: number;
}

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
/** Longest record: libpcap's own bound (MAXIMUM_SNAPLEN). A longer one means that the stream is out of step. */
const LONGEST_RECORD = 262_144;

interface Format {
  readonly littleEndian: boolean;
  readonly nanoseconds: boolean;
  readonly linkType: number;
}

/**
 * Reads a pcap file as it comes in, in pieces of any size (format: draft-ietf-opsawg-pcap, either byte order, micro- or
 * nanoseconds).
 */
export class PcapStream {
  private readonly onFrame: (frame: Frame) => void;
  private held: Uint8Array = new Uint8Array(0);
  private format: Format | undefined;

  constructor(onFrame: (frame: Frame) => void) {
    this.onFrame = onFrame;
  }

  /** @throws Error when the stream is not a pcap file, or is out of step; it cannot go on then */
  push(chunk: Uint8Array): void {
    const bytes = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let offset = 0;
    if (this.format === undefined) {
      if (bytes.length < FILE_HEADER) {
        this.held = bytes;
        return;
      }
      this.format = readHeader(view);
      offset = FILE_HEADER;
    }
    const { littleEndian, nanoseconds, linkType } = this.format;
    while (bytes.length - offset >= RECORD_HEADER) {
      const length = view.getUint32(offset + 8, littleEndian);
      if (length > LONGEST_RECORD) throw new Error(`pcap: a record of ${length} bytes`);
      const end = offset + RECORD_HEADER + length;
      if (end > bytes.length) break;
      const fraction = view.getUint32(offset + 4, littleEndian) / (nanoseconds ? 1e6 : 1e3);
      const time = view.getUint32(offset, littleEndian) * 1000 + fraction;
      this.onFrame({ linkType, littleEndian, time, bytes: bytes.subarray(offset + RECORD_HEADER, end) });
      offset = end;
    }
    this.held = bytes.subarray(offset);
  }
}

function readHeader(view: DataView): Format {
  for (const littleEndian of [true, false]) {
    const magic = view.getUint32(0, littleEndian);
    if (magic === 0xa1b2c3d4 || magic === 0xa1b23c4d) {
      // The upper bits of the last word hold the length of a checksum.
      const linkType = view.getUint32(20, littleEndian) & 0xffff;
      return { littleEndian, nanoseconds: magic === 0xa1b23c4d, linkType };
    }
  }
  throw new Error('pcap: not a pcap file');
}
