import { createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '../../client/clock.ts';
import { Allowance } from './allowance.ts';

/** What the hook can ask for. */
export interface HookService {
  readonly clock: Clock;
  /** Whether there is a gate for that alias. */
  readonly isConfigured: (alias: string) => boolean;
  /** Whether its door is known to stand open: then nothing needs to be done. */
  readonly isOpen: (alias: string) => boolean;
  /** Knocks, and waits until the port is open. One knock at a time for each host, whoever asks. Never rejects. */
  readonly knock: (alias: string) => Promise<void>;
}

/** Below what the helper waits. A knock that takes longer goes on: TCP repeats its SYN. */
const ANSWER_WITHIN_MS = 120;
/** Whoever has not asked by then has other plans. */
const ASK_WITHIN_MS = 1000;
const LONGEST_QUESTION = 256;
const MOST_AT_ONCE = 64;
/** One answer for all: whether there is such a host, and whether its door opened, is not for any program to ask. */
const ANSWER = 'done\n';

/** The private socket's server, not yet listening: one line `knock ALIAS` a connection, one answer. */
export function hookServer(service: HookService): Server {
  const allowance = new Allowance(() => service.clock.monotonicMs());
  const underWay = new Map<string, Promise<void>>();
  const server = createServer((socket) => {
    socket.setTimeout(ASK_WITHIN_MS, () => socket.destroy());
    // A helper that has gone does not need its answer.
    socket.on('error', () => socket.destroy());
    hearLine(socket, async (line) => {
      await serve(line);
      socket.end(ANSWER);
    });
  });
  server.maxConnections = MOST_AT_ONCE;
  return server;

  async function serve(line: string): Promise<void> {
    const alias = /^knock ([A-Za-z0-9._-]+)$/.exec(line)?.[1];
    if (alias === undefined || !service.isConfigured(alias) || service.isOpen(alias)) return;
    const knock = underWay.get(alias) ?? start(alias);
    if (knock === undefined) return;
    const timer = new AbortController();
    await Promise.race([knock, service.clock.sleep(ANSWER_WITHIN_MS, timer.signal)]);
    timer.abort();
  }

  function start(alias: string): Promise<void> | undefined {
    if (!allowance.take(alias)) return undefined;
    const knock = service.knock(alias).finally(() => underWay.delete(alias));
    underWay.set(alias, knock);
    return knock;
  }
}

/** Calls once, with the first line. */
function hearLine(socket: Socket, hear: (line: string) => void): void {
  let text = '';
  socket.setEncoding('latin1');
  const listen = (chunk: string) => {
    text += chunk;
    const end = text.indexOf('\n');
    if (end < 0 && text.length <= LONGEST_QUESTION) return;
    socket.off('data', listen);
    // What follows is read and dropped.
    socket.resume();
    hear(end < 0 ? '' : text.slice(0, end));
  };
  socket.on('data', listen);
}
