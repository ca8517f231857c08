/** Link types of pcap files that are supported, by their number in the tcpdump.org registry. */
const ETHERNET = 1;
const RAW = 101;
const LINUX_SLL = 113;
const NFLOG = 239;
const LINUX_SLL2 = 276;

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const NFLOG_HEADER = 1;
const NFLOG_PAYLOAD = 9;
const NFLOG_PREFIX = 10;

/**
 * Finds the IP packet in a captured frame.
 * @param littleEndian byte order of the capturing host, in which NFLOG writes its attributes
 * @returns undefined when the frame holds none
 */
export function ipPacketOf(linkType: number, frame: Uint8Array, littleEndian: boolean): Uint8Array | undefined {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  switch (linkType) {
    case NFLOG:
      return nflogAttribute(NFLOG_PAYLOAD, view, frame, littleEndian);
    case RAW:
      return frame;
    case ETHERNET:
      return behind(view, frame, 12, 14);
    case LINUX_SLL:
      return behind(view, frame, 14, 16);
    case LINUX_SLL2:
      return behind(view, frame, 0, 20);
    default:
      return undefined;
  }
}

/**
 * Reads the `log prefix` of the rule that logged a frame; a zero byte ends it. Only the kernel writes it, whatever the packet
 * contains.
 * @param littleEndian as for `ipPacketOf`
 * @returns undefined when the rule has none
 */
export function logPrefixOf(linkType: number, frame: Uint8Array, littleEndian: boolean): string | undefined {
  if (linkType !== NFLOG) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const bytes = nflogAttribute(NFLOG_PREFIX, view, frame, littleEndian);
  return (
    Buffer.from(bytes ?? [])
      .toString('latin1')
      .replace(/\0.*$/s, '') || undefined
  );
}

/** NF_INET_LOCAL_IN of linux/netfilter.h. */
const LOCAL_IN = 1;

/**
 * Whether a frame was logged by a rule behind the translation of addresses, so that its destination may be another than the one
 * that it was sent to.
 * @param littleEndian as for `ipPacketOf`
 */
export function isBehindTranslation(linkType: number, frame: Uint8Array, littleEndian: boolean): boolean {
  if (linkType !== NFLOG) return false;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  // nfulnl_msg_packet_hdr: u16 protocol, u8 hook, u8 padding.
  return nflogAttribute(NFLOG_HEADER, view, frame, littleEndian)?.[2] === LOCAL_IN;
}

function behind(view: DataView, frame: Uint8Array, typeAt: number, header: number): Uint8Array | undefined {
  if (frame.length < header) return undefined;
  const type = view.getUint16(typeAt);
  return type === ETHERTYPE_IPV4 || type === ETHERTYPE_IPV6 ? frame.subarray(header) : undefined;
}

/** Attribute of LINKTYPE_NFLOG: family, version, resource id; then attributes of u16 length, u16 type, value padded to 4 bytes. */
function nflogAttribute(
  wanted: number,
  view: DataView,
  frame: Uint8Array,
  littleEndian: boolean,
): Uint8Array | undefined {
  let offset = 4;
  while (offset + 4 <= frame.length) {
    const length = view.getUint16(offset, littleEndian);
    const type = view.getUint16(offset + 2, littleEndian);
    if (length < 4 || offset + length > frame.length) return undefined;
    if (type === wanted) return frame.subarray(offset + 4, offset + length);
    offset += (length + 3) & ~3;
  }
  return undefined;
}
