import { createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '../../os/clock.ts';
import { Allowance } from './allowance.ts';

/** Requests that the hook can make. */
export interface HookService {
  readonly clock: Clock;
  /** Whether the alias has a gate. */
  readonly isConfigured: (alias: string) => boolean;
  /** Whether the port is known to be open, so that nothing needs to be done. Without a port: that of ssh. */
  readonly isOpen: (alias: string, port: number | undefined) => boolean;
  /**
   * Knocks, and waits until the given port is open, or otherwise the port that ssh connects to, as far as it is known.
   * Without a given port it resolves as soon as the packet is out, if the gate opens when that arrives. All askers for one
   * host share one knock. It never rejects.
   */
  readonly knock: (alias: string, port: number | undefined) => Promise<void>;
}

/** One request: a line of an asker. */
interface HookRequest {
  readonly alias: string;
  /** Undefined when the asker does not know it. */
  readonly port: number | undefined;
  /**
   * Milliseconds after which the request is answered. A knock that takes longer goes on, and TCP repeats its SYN. Shorter
   * than the helper waits.
   */
  readonly answerWithinMs: number;
}

const KNOCK_WITHIN_MS = 120;
const OPEN_WITHIN_MS = 4500;
/** Milliseconds within which a client must send its request. */
const ASK_WITHIN_MS = 1000;
const LONGEST_REQUEST = 256;
const MOST_AT_ONCE = 64;
/** The only answer, so that no program learns why a port did not open. docs/ssh-hook.md says what programs can learn. */
const ANSWER = 'done\n';

/**
 * Makes the server of the private socket, which does not listen yet. Each connection has one line, `knock ALIAS` or `open
 * ALIAS PORT`, and gets one answer.
 */
export function hookServer(service: HookService): Server {
  const allowance = new Allowance(() => service.clock.monotonicMs());
  const underWay = new Map<string, Promise<void>>();
  const server = createServer((socket) => {
    socket.setTimeout(ASK_WITHIN_MS, () => socket.destroy());
    // A helper that has ended does not need its answer.
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

/** Calls `hear` once, with the first line. */
function hearLine(socket: Socket, hear: (line: string) => void): void {
  let text = '';
  socket.setEncoding('latin1');
  const listen = (chunk: string) => {
    text += chunk;
    const end = text.indexOf('\n');
    if (end < 0 && text.length <= LONGEST_REQUEST) return;
    socket.off('data', listen);
    // Reads and drops everything else.
    socket.resume();
    hear(end < 0 ? '' : text.slice(0, end));
  };
  socket.on('data', listen);
}
