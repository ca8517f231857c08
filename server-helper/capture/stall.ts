import { readFileSync } from 'node:fs';

/** NETLINK_NETFILTER of netlink(7), through which NFLOG is read. */
const NETLINK_NETFILTER = '12';

/** State of a process that reads NFLOG, at one moment. */
export interface ReaderState {
  /** Somebody has stopped it (SIGSTOP). */
  readonly stopped: boolean;
  /** Bytes that the kernel holds for it, and that it has not read. */
  readonly unread: number;
}

/** State of a process, by proc(5); without the right to see it, that of a healthy one. */
export function readerState(pid: number): ReaderState {
  const stat = textOf(`/proc/${pid}/stat`);
  return {
    // Field 3; the name in field 2 may hold spaces. `t` is a debugger's.
    stopped: stat.slice(stat.lastIndexOf(')')).startsWith(') T'),
    unread: unreadBytes(textOf('/proc/self/net/netlink'), pid),
  };
}

/**
 * Reads the table of netlink sockets: `sk Eth Pid Groups Rmem …`. The port number of a process's only such socket is the process
 * id.
 */
export function unreadBytes(table: string, pid: number): number {
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, protocol, port]) => protocol === NETLINK_NETFILTER && port === String(pid))
    .reduce((sum, [, , , , bytes]) => sum + Number(bytes), 0);
}

/** Finds out whether a reader hangs: it is stopped, or two looks in a row find packets that it has not read. */
export class Stall {
  /** Packets that had been heard when the kernel first had some left. */
  private heardThen: number | undefined;

  /**
   * Looks once, some seconds after the previous look.
   * @param heard packets that have come out of the reader so far
   */
  hangs({ stopped, unread }: ReaderState, heard: number): boolean {
    const hangs = stopped || (unread > 0 && this.heardThen === heard);
    this.heardThen = unread > 0 && !hangs ? heard : undefined;
    return hangs;
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
