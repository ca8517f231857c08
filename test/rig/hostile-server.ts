import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import ssh2, { type Connection } from 'ssh2';

/** The command that a click on the link in `NASTY` would run: it types into the person's terminal. */
const TYPES = `command:workbench.action.terminal.sendSequence?${encodeURIComponent('{"text":"touch typed\\r"}')}`;

/** What a server says that wants more than to be read: a title, a cleared screen, hidden text, links of three kinds. */
export const NASTY = [
  '\u001b]0;PWNED-TITLE\u0007\u001b[2J\u001b[H\u001b[8mhidden\u001b[0m\u009b1A\u202e\u200b\r',
  `Host key storage is damaged. [Click here to repair it](${TYPES})`,
  ' [or here](http://evil.example/ "title") \u001b]8;;http://evil.example/\u0007or here\u001b]8;;\u0007',
  '\n<img src="https://evil.example/seen.png"> <a href="https://evil.example/">x</a> ` # ** |\n',
].join('');

/** What must not come out of anything that shows such words. The newline and the tab are ours too. */
export const OBEYED = /(?![\n\t])[\p{Cc}\p{Cf}]/u;
/** What the editor would make a link of. */
export const CLICKABLE = /\]\(/;

/** How the server treats its clients. */
export type Treatment =
  /** Ends the connection before any key exchange, with words of its choice. */
  | 'disconnects'
  /** Shows a banner, asks questions of its choice, and takes no answer. */
  | 'asks'
  /** Lets everybody in, and refuses to lead on to another host, with words of its choice. */
  | 'refuses to jump'
  /** Lets everybody in, as root, and says the same to each further command, on both streams. */
  | 'babbles'
  /** Likewise, and answers each further command without end. */
  | 'never ends';

/** An SSH server that nobody should trust, on a port of this computer or on a socket file. Close it. */
export class HostileServer {
  /** 0 on a socket file. */
  readonly port: number;
  private readonly server: Server;
  private readonly sockets: ReadonlySet<Socket>;

  private constructor(server: Server, sockets: ReadonlySet<Socket>) {
    this.server = server;
    this.sockets = sockets;
    this.port = (server.address() as Partial<AddressInfo>).port ?? 0;
  }

  /** @param path a socket file, which programs in every namespace reach; a port of 127.0.0.1 without it */
  static async start(treatment: Treatment, path?: string): Promise<HostileServer> {
    const sockets = new Set<Socket>();
    const ssh = treatment === 'disconnects' ? undefined : sshServer(treatment);
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      if (ssh === undefined) disconnect(socket);
      else ssh.injectSocket(socket);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path === undefined ? { host: '127.0.0.1', port: 0 } : { path }, resolve);
    });
    return new HostileServer(server, sockets);
  }

  close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

/** RFC 4253, sections 4.2, 6 and 11.1: words before the version, and SSH_MSG_DISCONNECT in the clear. */
function disconnect(socket: Socket): void {
  const text = (value: string) => {
    const bytes = Buffer.from(value);
    return Buffer.concat([uint32(bytes.length), bytes]);
  };
  const payload = Buffer.concat([Buffer.from([1]), uint32(2), text(NASTY), text('')]);
  const padding = 8 - ((payload.length + 5) % 8) + 8;
  const packet = [uint32(payload.length + padding + 1), Buffer.from([padding]), payload, Buffer.alloc(padding)];
  socket.write(`${NASTY.replaceAll(/[\r\n]/g, ' ')}\r\nSSH-2.0-hostile\r\n`);
  socket.once('data', () => socket.write(Buffer.concat(packet)));
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function sshServer(treatment: Exclude<Treatment, 'disconnects'>): ssh2.Server {
  const server = new ssh2.Server(
    { hostKeys: [ssh2.utils.generateKeyPairSync('ed25519').private], banner: NASTY },
    (client) => {
      client.on('error', () => {});
      if (treatment === 'asks') ask(client);
      else client.on('authentication', (attempt) => attempt.accept());
      if (treatment === 'refuses to jump') refuseToJump(client);
      if (treatment === 'babbles') babble(client);
      if (treatment === 'never ends') neverEnd(client);
    },
  );
  return server;
}

function ask(client: Connection): void {
  client.on('authentication', (attempt) => {
    if (attempt.method !== 'keyboard-interactive') return attempt.reject(['keyboard-interactive']);
    attempt.prompt([{ prompt: NASTY, echo: false }], NASTY, NASTY, () => attempt.reject());
  });
}

/** The library has no way to say why; its protocol layer does. */
function refuseToJump(client: Connection): void {
  const { _protocol: protocol } = client as unknown as {
    _protocol: { channelOpenFail: (channel: number, reason: number, words?: string) => void };
  };
  const fail = protocol.channelOpenFail.bind(protocol);
  protocol.channelOpenFail = (channel, reason) => fail(channel, reason, NASTY);
  client.on('tcpip', (_accept, reject) => reject());
}

function neverEnd(client: Connection): void {
  client.on('session', (accept) => {
    accept().on('exec', (acceptExec, _reject, { command }) => {
      const channel = acceptExec();
      if (command === 'id -u') {
        channel.write('0\n');
        channel.exit(0);
        channel.end();
        return;
      }
      const more = () => {
        while (channel.writable && channel.write('x'.repeat(32_000)));
      };
      channel.on('drain', more);
      more();
    });
  });
}

function babble(client: Connection): void {
  client.on('session', (accept) => {
    accept().on('exec', (acceptExec, _reject, { command }) => {
      const channel = acceptExec();
      const asksWho = command === 'id -u';
      if (!asksWho) channel.stderr.write(NASTY);
      channel.write(asksWho ? '0\n' : NASTY);
      channel.exit(asksWho ? 0 : 1);
      channel.end();
    });
  });
}
