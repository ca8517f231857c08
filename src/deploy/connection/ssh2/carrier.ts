import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import ssh2, { type Client, type ServerHostKeyAlgorithm } from 'ssh2';
import { inWords, phrase } from '../../../base/phrase.ts';
import { Problem } from '../../../base/problem.ts';
import { systemErrorCode } from '../../../os/system-error.ts';
import { Collected } from '../collected.ts';
import { type KnownHost, knownName, linesFor, parseKnownHosts } from '../known-hosts.ts';
import {
  answerTooLong,
  connectionLost,
  hostKeyNotNoted,
  loginFailed,
  noCommonAlgorithm,
  notReached,
  sessionRefused,
} from '../problems.ts';
import type { Carrier, HostKey, Prompts, Ran } from '../remote.ts';
import type { Here, SshSettings } from '../settings.ts';
import { checkHostKey, describeHostKey, hostKeyAlgorithms } from './host-key.ts';
import { Login } from './login.ts';
import { Patience } from './patience.ts';
import { jumpsOf, type ProgramWay, throughCommand, throughJump } from './proxy.ts';
import { readIfPossible } from './read-if-possible.ts';

/** Seconds for TCP and the server's first words, unless ssh_config(5) has a ConnectTimeout. */
const USUAL_CONNECT_SECONDS = 15;
/** Seconds for a ProxyCommand, which may ask somebody for a login of its own. */
const PROXY_SECONDS = 120;
/** Time for the server to judge a login; the time that a person takes does not count. */
const LOGIN_MS = 60_000;
const KEEPALIVE = { keepaliveInterval: 10_000, keepaliveCountMax: 3 };

/** Error text of the library when it and the server have no algorithm in common. */
const NO_MATCH = /no matching (key exchange|host key|C->S|S->C)/;
/** Tries to open a session: a server with MaxSessions 1 needs a moment to notice that a program has ended. */
const SESSION_TRIES = 40;
const SESSION_AGAIN_MS = 50;

export interface Ssh2Io {
  readonly prompts: Prompts;
  readonly here: Here;
  /** Settings that ssh would use for another host: the jumps. */
  readonly look: (name: string, user?: string, port?: number) => Promise<SshSettings>;
  /** Existing connection to use instead of a new one. */
  readonly socket?: Readable;
}

/**
 * Logs in with the ssh2 library, through jump hosts where the settings say so.
 * @throws Problem `host-key-…`, `login-failed`, `not-reached`, `proxy-failed`
 */
export async function openSsh2(settings: SshSettings, io: Ssh2Io): Promise<Carrier> {
  const clients: Client[] = [];
  try {
    const { client, hostKey } = await reach(settings, io, clients);
    return new Ssh2Carrier(settings.alias, client, hostKey, clients);
  } catch (error) {
    for (const client of clients.reverse()) client.end();
    throw error;
  }
}

/** Logs in to a host, and first to its jump hosts. Notes all clients in order. */
async function reach(settings: SshSettings, io: Ssh2Io, clients: Client[]): Promise<LoggedIn> {
  let before: Client | undefined;
  if (settings.proxyCommand === undefined && io.socket === undefined) {
    for (const [i, jump] of jumpsOf(settings).entries()) {
      const found = await io.look(jump.host, jump.user, jump.port);
      // As in ssh, only the first jump uses its own ProxyJump and ProxyCommand.
      const own: SshSettings = i === 0 ? found : { ...found, proxyJump: undefined, proxyCommand: undefined };
      const there =
        before === undefined
          ? await reach(own, io, clients)
          : await logIn(own, io, { stream: await throughJump(before, own) });
      if (before !== undefined) clients.push(there.client);
      before = there.client;
    }
  }
  const way = before !== undefined ? { stream: await throughJump(before, settings) } : firstWay(settings, io);
  const loggedIn = await logIn(settings, io, way);
  clients.push(loggedIn.client);
  return loggedIn;
}

/** Connection to log in over. */
type Way = { readonly stream: Readable } & Partial<Pick<ProgramWay, 'ended'>>;

function firstWay(settings: SshSettings, io: Ssh2Io): Way | undefined {
  if (io.socket !== undefined) return { stream: io.socket };
  return settings.proxyCommand === undefined ? undefined : throughCommand(settings, io.here);
}

interface LoggedIn {
  readonly client: Client;
  readonly hostKey: HostKey;
}

function logIn(settings: SshSettings, io: Ssh2Io, way: Way | undefined): Promise<LoggedIn> {
  const name = knownName(settings.hostName, settings.port, settings.hostKeyAlias);
  const known = readKnownHosts(settings);
  const lines = linesFor(name, known);
  // ssh also accepts a key that is known without the port, but such a key never means that the host's key has changed.
  const portless = settings.hostKeyAlias === undefined ? linesFor(settings.hostName.toLowerCase(), known) : [];
  const client = new ssh2.Client();
  let hostKey: HostKey | undefined;
  let refused: unknown;
  let isOver = false;
  return new Promise((resolve, reject) => {
    const fail = (error: Error & { level?: string }) => {
      // The library continues with the next key.
      if (error.level === 'agent') return;
      isOver = true;
      patience.stop();
      client.end();
      if (refused !== undefined) reject(refused);
      else if (error.level === 'client-authentication') reject(loginFailed(settings.user, settings.alias));
      else if (NO_MATCH.test(error.message)) {
        way?.stream.destroy();
        reject(noCommonAlgorithm(settings.alias, error.message));
      } else {
        const { alias, hostName, port } = settings;
        const notThere = notReached(alias, hostName, port, error.message, systemErrorCode(error));
        // The end of the program explains more than the missing connection.
        if (way?.ended === undefined) reject(notThere);
        else {
          way.stream.destroy();
          way.ended.then((ended) => reject(ended ?? notThere), reject);
        }
      }
    };
    const patience = new Patience((seconds) => {
      fail(new Error(inWords(phrase('no answer within {0} s', seconds))));
      client.destroy();
    });
    const prompts = patience.around(io.prompts, LOGIN_MS);
    client.once('ready', () => {
      patience.stop();
      client.off('error', fail);
      // A later break of the connection is reported by the step that was using it.
      client.on('error', () => {});
      if (hostKey !== undefined) resolve({ client, hostKey });
    });
    // More than one error may come: writing after the other side has gone fails as well.
    client.on('error', fail);
    client.once('close', () => fail(new Error('The connection was closed.')));
    patience.start(1000 * connectSeconds(settings));
    client.connect({
      ...(way === undefined ? { host: settings.hostName, port: settings.port } : { sock: way.stream }),
      username: settings.user,
      // The time counts only while nobody is being asked.
      readyTimeout: 0,
      ...KEEPALIVE,
      algorithms: { serverHostKey: hostKeyAlgorithms([...lines, ...portless]) as ServerHostKeyAlgorithm[] },
      hostVerifier: (blob: Buffer, verify: (ok: boolean) => void) => {
        // Long sessions exchange keys again: the same key needs no second check.
        if (hostKey !== undefined) return verify(describeHostKey(blob).fingerprint === hostKey.fingerprint);
        patience.start(LOGIN_MS);
        checkHostKey(blob, name, { lines, portless }, settings, {
          prompts,
          // An answer that came too late serves the next connection, which writes it down.
          remember: (line) => isOver || remember(settings, line),
          randomBytes: (count) => randomBytes(count),
        }).then(
          (key) => {
            hostKey = key;
            verify(true);
          },
          (error: unknown) => {
            refused = error;
            verify(false);
          },
        );
      },
      authHandler: new Login(settings, prompts).handler,
    });
  });
}

/** Seconds that the server may take to show its key. */
function connectSeconds({ all, proxyCommand }: SshSettings): number {
  const asked = Number(all.get('connecttimeout'));
  if (asked > 0) return asked;
  return proxyCommand === undefined ? USUAL_CONNECT_SECONDS : PROXY_SECONDS;
}

/** Lines of all readable known_hosts files; ssh skips the others as well. */
export function readKnownHosts({ userKnownHostsFiles, globalKnownHostsFiles }: SshSettings): KnownHost[] {
  return [...userKnownHostsFiles, ...globalKnownHostsFiles].flatMap((path) =>
    parseKnownHosts(readIfPossible(path)?.toString('utf8') ?? '', path),
  );
}

/** @throws Problem `host-key-not-noted`: the next connection would ask again, in the middle of a trial */
function remember({ alias, userKnownHostsFiles: [path] }: SshSettings, line: string): void {
  if (path === undefined || path === '/dev/null') return;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
    appendFileSync(path, before === '' || before.endsWith('\n') ? line : `\n${line}`, { mode: 0o600 });
  } catch (error) {
    const code = systemErrorCode(error);
    throw code === undefined ? error : hostKeyNotNoted(alias, path, code);
  }
}

class Ssh2Carrier implements Carrier {
  readonly kind = 'ssh2';
  readonly hostKey: HostKey;
  private readonly host: string;
  private readonly client: Client;
  private readonly all: readonly Client[];
  private readonly lost: Promise<never>;

  constructor(host: string, client: Client, hostKey: HostKey, all: readonly Client[]) {
    this.host = host;
    this.client = client;
    this.hostKey = hostKey;
    this.all = all;
    this.lost = new Promise((_, reject) => {
      client.once('close', () => reject(connectionLost(host)));
    });
    this.lost.catch(() => {});
  }

  exec(commandLine: string, stdin: Uint8Array, timeoutMs: number): Promise<Ran> {
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(connectionLost(this.host)), timeoutMs);
    });
    return Promise.race([this.lost, tooLong, this.execNow(commandLine, stdin)]).finally(() => clearTimeout(timer));
  }

  private execNow(commandLine: string, stdin: Uint8Array, triesLeft = SESSION_TRIES): Promise<Ran> {
    return new Promise((resolve, reject) => {
      this.client.exec(commandLine, (error: (Error & { reason?: number | string }) | undefined, channel) => {
        if (error instanceof Problem) return reject(error);
        // A number of RFC 4254, section 5.1, means that the server has answered, so the connection is open.
        if (typeof error?.reason === 'number') {
          if (triesLeft === 0) return reject(sessionRefused(this.host, error.message));
          setTimeout(() => resolve(this.execNow(commandLine, stdin, triesLeft - 1)), SESSION_AGAIN_MS);
          return;
        }
        if (error) return reject(connectionLost(this.host));
        const collected = new Collected();
        const take = (stream: 'stdout' | 'stderr') => (chunk: Buffer) => {
          if (collected.add(stream, chunk)) return;
          reject(answerTooLong(this.host));
          // The rest of the answer would disturb whatever runs next over this login.
          this.client.destroy();
        };
        let code: number | null = null;
        channel.on('data', take('stdout'));
        channel.stderr.on('data', take('stderr'));
        channel.on('exit', (status: number | null) => {
          code = status;
        });
        channel.on('error', () => reject(connectionLost(this.host)));
        channel.on('close', () => resolve({ code, ...collected.texts() }));
        channel.end(Buffer.from(stdin));
      });
    });
  }

  async close(): Promise<void> {
    for (const client of [...this.all].reverse()) client.end();
  }
}
