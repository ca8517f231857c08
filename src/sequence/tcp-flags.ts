/** A flag that a packet must have, or with `!` before it must not have. */
export interface TcpFlag {
  readonly name: string;
  readonly wanted: boolean;
}

export const FLAG_NAMES: readonly string[] = ['fin', 'syn', 'rst', 'psh', 'ack', 'urg'];

/** Reads knockd's `TCPFlags` (knockd(1)), such as `syn,!ack`; undefined when it is none. */
export function parseTcpFlags(text: string): TcpFlag[] | undefined {
  const words = text.split(',').map((word) => word.trim().toLowerCase());
  const flags = words.map((word) => ({ name: word.replace(/^!/, ''), wanted: !word.startsWith('!') }));
  return flags.every(({ name }) => FLAG_NAMES.includes(name)) ? flags : undefined;
}

/** Whether a packet with SYN alone, which is what asking for a connection sends, is one that is looked for. */
export function synSatisfies(flags: readonly TcpFlag[]): boolean {
  return flags.every(({ name, wanted }) => wanted === (name === 'syn'));
}
