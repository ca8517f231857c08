import { createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '../../os/clock.ts';
import { Allowance } from './allowance.ts';

/** Requests that the hook can make. */
export interface HookService {
  readonly clock: Clock;
  /** Whether there is a gate for that alias. */
  readonly isConfigured: (alias: string) => boolean;
  /** Whether its port is known to be open, the given one if there is one: then nothing needs to be done. */
  readonly isOpen: (alias: string, port: number | undefined) => boolean;
  /**
   * Knocks, and waits until the port is open: the given one, or else the one where ssh connects, as far as that is known. Without a
   * port it ends as soon as the packet is out where the gate opens when that arrives. One knock at a time for each host, for all
   * askers together. Never rejects.
   */
  readonly knock: (alias: string, port: number | undefined) => Promise<void>;
}

/** One line of an asker. */
interface HookRequest {
  readonly alias: string;
  /** Undefined when the asker does not know it. */
  readonly port: number | undefined;
  /** A knock that takes longer goes on: TCP repeats its SYN. Below what the helper waits. */
  readonly answerWithinMs: number;
}

const KNOCK_WITHIN_MS = 120;
const OPEN_WITHIN_MS = 4500;
/** A client that has not asked by then has other plans. */
const ASK_WITHIN_MS = 1000;
const LONGEST_REQUEST = 256;
const MOST_AT_ONCE = 64;
/** One answer for all: why a port did not open is not for any program to learn. docs/ssh-hook.md says what it learns. */
const ANSWER = 'done\n';

/** The private socket's server, not yet listening: one line `knock ALIAS` or `open ALIAS PORT` a connection, one answer. */
export function hookServer(service: HookService): Server {
  const allowance = new Allowance(() => service.clock.monotonicMs());
  const underWay = new Map<string, Promise<void>>();
  const server = createServer((socket) => {
    socket.setTimeout(ASK_WITHIN_MS, () => socket.destroy());
    // A helper that has gone does not need its answer.
    socket.on('error', () => socket.destroy());
    hearLine(socket, async (line) => {
      socket.setTimeout(0);
      const request = parseRequest(line);
      if (request !== undefined) await serve(request);
      socket.end(ANSWER);
    });
  });
  server.maxConnections = MOST_AT_ONCE;
  return server;

  async function serve({ alias, port, answerWithinMs }: HookRequest): Promise<void> {
    if (!service.isConfigured(alias) || service.isOpen(alias, port)) return;
    const knock = underWay.get(alias) ?? start(alias, port);
    if (knock === undefined) return;
    const timer = new AbortController();
    await Promise.race([knock, service.clock.sleep(answerWithinMs, timer.signal)]);
    timer.abort();
  }

  function start(alias: string, port: number | undefined): Promise<void> | undefined {
    if (!allowance.take(alias)) return undefined;
    const knock = service.knock(alias, port).finally(() => underWay.delete(alias));
    underWay.set(alias, knock);
    return knock;
  }
}

function parseRequest(line: string): HookRequest | undefined {
  const [, verb, alias = '', port] = /^(knock|open) ([A-Za-z0-9._-]+)(?: ([1-9][0-9]{0,4}))?$/.exec(line) ?? [];
  if (verb === 'knock' && port === undefined) return { alias, port: undefined, answerWithinMs: KNOCK_WITHIN_MS };
  const isPort = port !== undefined && Number(port) < 65_536;
  return verb === 'open' && isPort ? { alias, port: Number(port), answerWithinMs: OPEN_WITHIN_MS } : undefined;
}

/** Calls once, with the first line. */
function hearLine(socket: Socket, hear: (line: string) => void): void {
  let text = '';
  socket.setEncoding('latin1');
  const listen = (chunk: string) => {
    text += chunk;
    const end = text.indexOf('\n');
    if (end < 0 && text.length <= LONGEST_REQUEST) return;
    socket.off('data', listen);
    // What follows is read and dropped.
    socket.resume();
    hear(end < 0 ? '' : text.slice(0, end));
  };
  socket.on('data', listen);
}
