import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';
import { LOCK } from '../../src/deploy/host-lock.ts';
import { newSshKey } from './ssh-key.ts';

/** The command that a click on the link in `NASTY` would run: it types into the person's terminal. */
const TYPES = `command:workbench.action.terminal.sendSequence?${encodeURIComponent('{"text":"touch typed\\r"}')}`;

/** Words of a server that wants more than to be read: a title, a cleared screen, hidden text, links of three kinds. */
export const NASTY = [
  '\u001b]0;PWNED-TITLE\u0007\u001b[2J\u001b[H\u001b[8mhidden\u001b[0m\u009b1A\u202e\u200b\r',
  `Host key storage is damaged. [Click here to repair it](${TYPES})`,
  ' [or here](http://evil.example/ "title") \u001b]8;;http://evil.example/\u0007or here\u001b]8;;\u0007',
  '\n<img src="https://evil.example/seen.png"> <a href="https://evil.example/">x</a> ` # ** |\n',
].join('');

/** Characters that must not come out of anything that shows such words. The newline and the tab are ours too. */
export const OBEYED = /(?![\n\t])[\p{Cc}\p{Cf}]/u;
/** Text that the editor would make a link of. */
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
  /** Lets everybody in, as root, and answers each further command without end. */
  | 'never ends'
  /** Runs another program than it is told, which reads along and repeats everything. */
  | 'runs another command'
  /** Lets everybody in, as root, and then shows another host key when keys are exchanged again. */
  | 're-keys with another host key'
  /** Plays a bare server, and prints the line of somebody else's gate as its own. */
  | 'forges its line'
  /** Plays a bare server whose clock is an hour ahead. */
  | 'lies about the time';

/** Facts that a server with a role has to know. */
export interface Script {
  /** The line that it prints as its own. */
  readonly line: string;
  /** The key of the client, and what it says the gate calls it. */
  readonly clientKey: string;
}

/** An SSH server that nobody should trust, on a port of this computer or on a socket file. Close it. */
export class HostileServer {
  /** 0 on a socket file. */
  readonly port: number;
  /** Everything that its clients have told it: names, passwords, answers, commands, and what programs were to read. */
  readonly received: readonly string[];
  private readonly server: Server;
  private readonly sockets: ReadonlySet<Socket>;

  private constructor(server: Server, sockets: ReadonlySet<Socket>, received: readonly string[]) {
    this.server = server;
    this.sockets = sockets;
    this.received = received;
    this.port = (server.address() as Partial<AddressInfo>).port ?? 0;
  }

  /** @param path a socket file, which programs in every namespace reach; a port of 127.0.0.1 without it */
  static async start(treatment: Treatment, path?: string, script?: Script): Promise<HostileServer> {
    const sockets = new Set<Socket>();
    const received: string[] = [];
    const ssh = treatment === 'disconnects' ? undefined : sshServer(treatment, received, script);
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      if (ssh === undefined) disconnect(socket, received);
      else ssh.injectSocket(socket);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path === undefined ? { host: '127.0.0.1', port: 0 } : { path }, resolve);
    });
    return new HostileServer(server, sockets, received);
  }

  close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

/** RFC 4253, sections 4.2, 6 and 11.1: words before the version, and SSH_MSG_DISCONNECT in the clear. */
function disconnect(socket: Socket, received: string[]): void {
  const text = (value: string) => {
    const bytes = Buffer.from(value);
    return Buffer.concat([uint32(bytes.length), bytes]);
  };
  const payload = Buffer.concat([Buffer.from([1]), uint32(2), text(NASTY), text('')]);
  const padding = 8 - ((payload.length + 5) % 8) + 8;
  const packet = [uint32(payload.length + padding + 1), Buffer.from([padding]), payload, Buffer.alloc(padding)];
  socket.write(`${NASTY.replaceAll(/[\r\n]/g, ' ')}\r\nSSH-2.0-hostile\r\n`);
  socket.on('data', (bytes) => received.push(bytes.toString('latin1')));
  socket.once('data', () => socket.write(Buffer.concat(packet)));
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function sshServer(
  treatment: Exclude<Treatment, 'disconnects'>,
  received: string[],
  script: Script | undefined,
): ssh2.Server {
  const note = (text: string) => received.push(text);
  const lock = new HostLock();
  const server = new ssh2.Server({ hostKeys: [newSshKey()], banner: NASTY }, (client) => {
    client.on('error', () => {});
    client.on('authentication', (attempt) => {
      note(`${attempt.username} ${attempt.method}`);
      if (attempt.method === 'password') note(attempt.password);
      if (treatment !== 'asks') attempt.accept();
      else if (attempt.method !== 'keyboard-interactive') attempt.reject(['keyboard-interactive']);
      else {
        attempt.prompt([{ prompt: NASTY, echo: false }], NASTY, NASTY, (answers) => {
          note(JSON.stringify(answers));
          attempt.reject();
        });
      }
    });
    if (treatment === 'refuses to jump') refuseToJump(client);
    else onCommand(client, note, (told, channel) => carryOut(treatment, told, channel, client, lock, script));
  });
  return server;
}

/** Command that a client wants to run. */
interface Told {
  readonly argv: readonly string[];
  /** The line that its program would begin with, on both streams: src/deploy/connection/marked-command.ts. */
  readonly mark: string;
  readonly stdin: string;
}

/** Calls `answer` when everything that the program is to read has come; for `never ends` nothing else would be different. */
function onCommand(
  client: Connection,
  note: (text: string) => void,
  answer: (told: Told, channel: ServerChannel) => void,
): void {
  client.on('session', (accept) => {
    accept().on('exec', (acceptExec, _reject, { command }) => {
      note(command);
      const channel = acceptExec();
      let stdin = '';
      channel.on('data', (bytes: Buffer) => {
        note(bytes.toString('latin1'));
        stdin += bytes.toString('latin1');
      });
      channel.on('end', () => {
        answer({ ...markedIn(command), stdin }, channel);
      });
    });
  });
}

/** Reads what src/deploy/connection/marked-command.ts writes: a script for sh, whose characters are octal numbers in part. */
function markedIn(command: string): Pick<Told, 'argv' | 'mark'> {
  const [, escaped = ''] = / sh '([^']*)'$/.exec(command) ?? [];
  const bytes = escaped.replaceAll(/\\0([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
  const script = Buffer.from(bytes, 'latin1').toString();
  const [, first = '', second = '', line = ''] =
    /printf '%s%s\\n' (\S+) (\S+); printf .*? >&2; exec (.*)$/s.exec(script) ?? [];
  return { argv: wordsOf(line), mark: `${first}${second}\n` };
}

/** Reads a command line as src/deploy/connection/shell-words.ts writes it. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/(?:'[^']*'|\\'|[^\s'\\])+/g)].map(([word]) =>
    word.replaceAll(
      /'([^']*)'|\\(')/g,
      (_, inside: string | undefined, quote: string | undefined) => inside ?? quote ?? '',
    ),
  );
}

function carryOut(
  treatment: Exclude<Treatment, 'disconnects'>,
  told: Told,
  channel: ServerChannel,
  client: Connection,
  lock: HostLock,
  script: Script | undefined,
): void {
  const { argv, mark, stdin } = told;
  const end = (code: number, stdout: string, stderr = '') => {
    channel.stderr.write(`${mark}${stderr}`);
    channel.write(`${mark}${stdout}`);
    channel.exit(code);
    channel.end();
  };
  if (treatment === 'runs another command') {
    channel.write(`Welcome to the menu\n${argv.join(' ')}\n${stdin}`);
    channel.exit(0);
    channel.end();
  } else if (treatment === 'forges its line' || treatment === 'lies about the time') {
    end(0, pretend(treatment === 'lies about the time' ? 3600 : 0, told, lock, script));
  } else if (argv[0] === 'id') {
    end(0, '0\n');
    if (treatment === 're-keys with another host key') reKey(client);
  } else if (treatment === 'babbles') end(1, NASTY, NASTY);
  else if (treatment === 'never ends') {
    channel.write(mark);
    const more = () => {
      while (channel.writable && channel.write('x'.repeat(32_000)));
    };
    channel.on('drain', more);
    more();
  } else end(0, '');
}

/** Answers of a bare server, with everything that a gate needs. */
function pretend(aheadSeconds: number, { argv, stdin }: Told, lock: HostLock, script: Script | undefined): string {
  const [program, ...rest] = argv;
  const words = rest.join(' ');
  const { line = '', clientKey = '' } = script ?? {};
  if (program === 'id') return '0\n';
  if (program === 'date') return `${(Date.now() / 1000 + aheadSeconds).toFixed(3)}000000\n`;
  if (program === '/bin/sh' && rest[0] === '-s') return sections(stdin.includes('editornode') ? AS_USER : AS_ROOT);
  if (rest.includes(LOCK)) return lock.answer(rest.slice(rest.indexOf(LOCK) + 1));
  if (program !== 'knockgated') return '';
  if (words.startsWith('client list')) return JSON.stringify([{ name: 'alice', key: clientKey }]);
  if (rest[0] === 'key') return `${line}\n`;
  return rest[0] === 'rotate' ? JSON.stringify({ line }) : '';
}

/** As the scripts of src/deploy/host-lock.ts. */
class HostLock {
  private holder = '';

  /** Takes, keeps or gives back the lock: the last has the key and the process of the client alone. */
  answer([key = '', ...more]: readonly string[]): string {
    if (more.length === 1) {
      if (this.holder === `${key} ${more[0]}`) this.holder = '';
      return '';
    }
    const [name = '', pid = '', seconds = '', ends = '', mode = ''] = more;
    const isFree = this.holder === '' || this.holder === `${key} ${ends}`;
    if (mode === 'keep' && (this.holder === '' || !isFree)) return 'lost\n';
    if (!isFree) return `held ${key} ${name} ${pid} 1 ${seconds}\n`;
    this.holder = `${key} ${pid}`;
    return 'taken\n';
  }
}

const AS_USER = { host: 'evil', boot: 'boot-1', editornode: '' };
const AS_ROOT = {
  os: 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"',
  init: 'systemd',
  booted: '',
  nft: 'nftables v1.0.6',
  table: '',
  saved: '',
  firewalls: '',
  candidates: 'manager apt-get\nnftables 1.0.6-2',
  tcpdump: '/usr/bin/tcpdump',
  node: '/usr/bin/node v18.20.4',
  sshd: 'port 22',
  udp: '',
  files: '',
  folders: '',
  active: 'inactive',
  enabled: 'disabled',
  disk: '/dev/x 1 1 1000000 1% /',
};

/** As the scripts of a look print them: src/deploy/preflight/script.ts. */
function sections(texts: Readonly<Record<string, string>>): string {
  const absent = ['config', 'manifest', 'package', 'user'].map((name) => `@${name} 1\n`);
  const present = Object.entries(texts).map(([name, text]) => `@${name} 0\n ${text.replaceAll('\n', '\n ')}\n`);
  return [...present, ...absent].join('');
}

/** The library has no way to change its key; its protocol layer takes one from a table. */
function reKey(client: Connection): void {
  const { _protocol: protocol } = client as unknown as { _protocol: { _hostKeys: Record<string, unknown> } };
  const other = ssh2.utils.parseKey(newSshKey());
  protocol._hostKeys = { 'ssh-ed25519': other };
  client.rekey();
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
