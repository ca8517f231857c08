import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import { formatGateLine } from '../../../src/spa/enrolment.ts';
import { scratch } from '../../rig/cleanup.ts';
import { end, type Finished, finish, must, sleep } from '../../rig/process.ts';
import { type MatrixCase, PASSPHRASE, PASSWORD } from './cases.ts';

const PROGRAM = resolve(import.meta.dirname, '../../../dist/knockgate.cjs');
const RELAY = resolve(import.meta.dirname, '../../rig/helpers/tcp-relay.mjs');

/** Nobody hears its knocks: the port is open, and connect finds that out. */
const GATE = formatGateLine({
  key: nodeCrypto.publicKey(nodeCrypto.randomBytes(32)),
  slots: 32,
  addresses: ['127.0.0.1'],
  knockPorts: [443],
  name: 'box',
});

/** For each program. */
const PATIENCE_MS = 60_000;
/** Runs a program that has its temporary files where nothing can be run. */
const WITH_NOEXEC =
  'TMPDIR=$1/noexec && mkdir -p "$TMPDIR" && mount -t tmpfs -o noexec tmpfs "$TMPDIR" && export TMPDIR && shift && exec "$@"';

/** How ssh, and each of our commands that log in, ended in a case. */
export interface MatrixResult {
  readonly ssh: Finished;
  readonly deploy: Finished;
  readonly status: Finished;
  /** Milliseconds that `status` took. */
  readonly statusMs: number;
  readonly connect: Finished;
}

/** Keys of clients and of the server, an agent, and a password for root: for all cases. */
export class MatrixScene {
  readonly dir: string;
  private readonly discard: () => void;
  private agent: ChildProcess | undefined;

  constructor() {
    ({ dir: this.dir, discard: this.discard } = scratch('matrix'));
  }

  async prepare(): Promise<void> {
    const file = (name: string) => join(this.dir, name);
    const keygen = (name: string, ...options: string[]) =>
      must(['ssh-keygen', '-q', '-N', '', '-C', name, '-f', file(name), ...options]);
    const ed = ['-t', 'ed25519'];
    const rsa = ['-t', 'rsa', '-b', '2048'];
    const junk = ['j1', 'j2', 'j3', 'j4', 'j5', 'j6', 'j7', 'j8'];
    for (const name of ['ed', 'right', 'certified', 'ca', 'my  key', 'host-ed', 'other', ...junk])
      await keygen(name, ...ed);
    for (const name of ['rsa', 'host-rsa']) await keygen(name, ...rsa);
    for (const name of ['ec', 'host-ec']) await keygen(name, '-t', 'ecdsa');
    await keygen('pem', ...rsa, '-m', 'PEM');
    await keygen('pk8', ...rsa, '-m', 'PKCS8');
    await keygen('ecpk8', '-t', 'ecdsa', '-m', 'PKCS8');
    await must(['ssh-keygen', '-q', ...ed, '-N', PASSPHRASE, '-f', file('sealed')]);
    await must([
      'ssh-keygen',
      '-q',
      ...ed,
      '-N',
      PASSPHRASE,
      '-Z',
      'chacha20-poly1305@openssh.com',
      '-f',
      file('chacha'),
    ]);
    await must(['ssh-keygen', '-q', '-s', file('ca'), '-I', 'matrix', '-n', 'root', file('certified.pub')]);
    for (const name of ['box', `user${process.getuid?.()}`]) {
      copyFileSync(file('ed'), file(name));
      copyFileSync(file('ed.pub'), file(`${name}.pub`));
    }
    const enrolled = ['ed', 'right', 'my  key', 'rsa', 'ec', 'pem', 'pk8', 'ecpk8', 'sealed', 'chacha'];
    writeFileSync(file('authorized'), enrolled.map((name) => readFileSync(file(`${name}.pub`), 'utf8')).join(''));
    writeFileSync(file('banner'), 'Welcome\n');
    const hash = (await must(['openssl', 'passwd', '-6', '-stdin'], { input: `${PASSWORD}\n` })).trim();
    writeFileSync(file('shadow'), `root:${hash}:19000:0:99999:7:::\nsshd:!:19000::::::\n`, { mode: 0o600 });
    mkdirSync(file('bin'));
    writeFileSync(file('bin/knockgated'), '#!/bin/sh\necho "asked for $*"\n', { mode: 0o755 });
    for (const [name, said] of [
      ['say-password', PASSWORD],
      ['say-passphrase', PASSPHRASE],
    ] as const)
      writeFileSync(file(name), `#!/bin/sh\necho '${said}'\n`, { mode: 0o755 });
    mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
    this.agent = spawn('ssh-agent', ['-D', '-a', file('agent')], { stdio: 'ignore' });
    const env = { ...process.env, SSH_AUTH_SOCK: file('agent') };
    for (let tries = 0; (await finish(spawn('ssh-add', ['-l'], { env }))).code === 2; tries += 1) {
      if (tries > 100) throw new Error('ssh-agent does not start');
      await sleep(20);
    }
    for (const name of [...junk, 'right']) await must(['ssh-add', '-q', file(name)], { env });
    // Its private half is in the agent alone.
    await must(['rm', file('right')]);
  }

  async end(): Promise<void> {
    if (this.agent) await end(this.agent);
    this.discard();
  }

  /** Tries a case with ssh, and then with each of our commands that log in. */
  async run(each: MatrixCase): Promise<MatrixResult> {
    const { dir, discard } = scratch('matrix-case');
    const port = await freePort();
    const server = await this.startSshd(dir, port, each.server ?? []);
    try {
      const config = join(dir, 'config');
      const write = () => this.writeClient(dir, config, port, each);
      write();
      const ssh = await this.ssh(config, each);
      write();
      const deploy = await this.ours(
        dir,
        ['deploy', 'box', '--dry-run', '--no-second-way', '--ssh-config', config],
        each,
      );
      write();
      const since = performance.now();
      const status = await this.ours(dir, ['gate', 'box', '--ssh-config', config, 'status'], each);
      const statusMs = performance.now() - since;
      write();
      const proxy = `ProxyCommand=${process.execPath} ${PROGRAM} connect box ${port}`;
      const connect = await this.ssh(config, each, ['-o', 'ProxyJump=none', '-o', proxy], { HOME: dir });
      return { ssh, deploy, status, statusMs, connect };
    } finally {
      await end(server);
      discard();
    }
  }

  private ssh(
    config: string,
    each: MatrixCase,
    options: readonly string[] = [],
    env: NodeJS.ProcessEnv = {},
  ): Promise<Finished> {
    const say = each.typed === PASSWORD ? 'say-password' : 'say-passphrase';
    const asking =
      each.typed === undefined ? {} : { SSH_ASKPASS: join(this.dir, say), SSH_ASKPASS_REQUIRE: 'force', DISPLAY: ':0' };
    const all = { PATH: process.env.PATH, HOME: this.dir, ...asking, ...env };
    const argv = ['-F', config, ...options, 'box', ...(each.runs ?? ['true'])];
    // Without a terminal that it could ask in.
    return finish(spawn('setsid', ['-w', 'ssh', ...argv], { env: all }), { timeout: PATIENCE_MS });
  }

  private ours(dir: string, argv: readonly string[], { typed, noexec }: MatrixCase): Promise<Finished> {
    const env = { PATH: process.env.PATH, HOME: dir, LC_ALL: 'C.UTF-8' };
    const input = typed === undefined ? '' : `${typed}\n`;
    const mount = noexec ? ['unshare', '-m', 'sh', '-c', WITH_NOEXEC, 'sh', dir] : [];
    return finish(spawn('setsid', ['-w', ...mount, process.execPath, PROGRAM, ...argv], { env }), {
      input,
      timeout: PATIENCE_MS,
    });
  }

  private writeClient(dir: string, config: string, port: number, each: MatrixCase): void {
    const key = (name: string) =>
      readFileSync(join(this.dir, `${name}.pub`), 'utf8')
        .split(' ')
        .slice(0, 2)
        .join(' ');
    const filled = (line: string) =>
      line
        .replaceAll('PORT', String(port))
        .replaceAll('NODE', process.execPath)
        .replaceAll('RELAY', RELAY)
        .replaceAll('DIR', this.dir);
    const known = (each.known ?? ['[127.0.0.1]:PORT KEY']).map((line) =>
      filled(line).replace(/\b(KEY|RSA|EC|OTHER)$/, (name) =>
        key({ KEY: 'host-ed', RSA: 'host-rsa', EC: 'host-ec' }[name] ?? 'other'),
      ),
    );
    const files = { known_hosts: known, 'known hosts': [`[127.0.0.1]:${port} ${key('host-ed')}`] };
    for (const [name, lines] of Object.entries(files))
      writeFileSync(join(dir, name), lines.map((line) => `${line}\n`).join(''));
    // What changes with the case is in its own folder.
    const own = (line: string) =>
      filled(line.replaceAll(/DIR\/(known[_ ]hosts|missing|%C)/g, (_, name) => `${dir}/${name}`));
    const lines = [
      'Host box',
      ...(each.client ?? []).map(own),
      'Host box',
      'HostName 127.0.0.1',
      `IdentityFile ${own(each.key ?? 'DIR/ed')}`,
      ...(each.hosts ?? []).map(own),
      'Host *',
      'User root',
      `Port ${port}`,
      'IdentitiesOnly yes',
      'IdentityAgent none',
      `UserKnownHostsFile ${dir}/known_hosts`,
      'GlobalKnownHostsFile none',
    ];
    writeFileSync(config, `${lines.join('\n')}\n`);
    for (const name of ['ed', 'ed.pub']) copyFileSync(join(this.dir, name), join(dir, name));
    mkdirSync(join(dir, '.config/knockgate'), { recursive: true, mode: 0o700 });
    writeFileSync(join(dir, '.config/knockgate/hosts.toml'), `[box]\ngate = "${GATE}"\n`, { mode: 0o600 });
  }

  private async startSshd(dir: string, port: number, more: readonly string[]): Promise<ChildProcess> {
    const lines = [
      ...more.map((line) => line.replaceAll('DIR', this.dir)),
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      ...['host-ed', 'host-rsa', 'host-ec'].map((name) => `HostKey ${this.dir}/${name}`),
      `AuthorizedKeysFile ${this.dir}/authorized`,
      'PidFile none',
      'StrictModes no',
      'PermitRootLogin yes',
      'PasswordAuthentication yes',
      'KbdInteractiveAuthentication no',
      'UsePAM no',
      'UseDNS no',
      `SetEnv SHLVL=1 PATH=${this.dir}/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    ];
    const config = join(dir, 'sshd_config');
    writeFileSync(config, `${lines.join('\n')}\n`);
    // A password for root that only this sshd sees.
    const script = 'mount --bind "$1" /etc/shadow && exec /usr/sbin/sshd -D -e -f "$2"';
    const argv = ['-m', '--propagation', 'private', 'sh', '-c', script, 'sh', join(this.dir, 'shadow'), config];
    const child = spawn('unshare', argv, { stdio: ['ignore', 'ignore', 'pipe'] });
    let log = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
    for (let tries = 0; !log.includes('Server listening on'); tries += 1) {
      if (child.exitCode !== null || tries > 1000) throw new Error(`sshd does not listen: ${log}`);
      await sleep(10);
    }
    return child;
  }
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address ? done(address.port) : fail(new Error('no port'))));
    });
  });
}
