import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratch } from './cleanup.ts';
import { exec, run } from './netns.ts';
import { end, type Finished, must, sleep } from './process.ts';

/** One name for the host's key, whatever address and port it is reached by. */
export const HOST_ALIAS = 'rig-target';

/** Everything that a client needs to log in: the port, and files with its key and with the host's. */
export interface SshLogin {
  port: number;
  identity: string;
  knownHosts: string;
}

/** A real sshd with keys of its own. */
export interface Sshd extends SshLogin {
  pid: number;
  /** Log of sshd so far. */
  log(): string;
  stop(): Promise<void>;
}

/** Options of sshd. */
export interface SshdOptions {
  port?: number;
  /** Text that is shown before the login (sshd's `Banner`). */
  greeting?: string;
}

/** Options of `ssh` to the target. */
export interface SshOptions {
  host: string;
  /** User; default: root. */
  user?: string;
  connectTimeout?: number;
  proxyCommand?: string;
  options?: readonly string[];
}

/** Starts sshd in a namespace and waits until it listens. */
export async function startSshd(ns: string, { port = 22, greeting }: SshdOptions = {}): Promise<Sshd> {
  const { dir, discard } = scratch('sshd');
  const file = (name: string) => join(dir, name);
  await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'rig host', '-f', file('host')]);
  await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'rig client', '-f', file('client')]);
  const hostKey = readFileSync(file('host.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
  writeFileSync(file('known_hosts'), `${HOST_ALIAS} ${hostKey}\n`);
  if (greeting) writeFileSync(file('greeting'), `${greeting}\n`);
  writeFileSync(
    file('sshd_config'),
    [
      `Port ${port}`,
      `HostKey ${file('host')}`,
      `AuthorizedKeysFile ${file('client.pub')}`,
      'PidFile none',
      'StrictModes no',
      'PermitRootLogin prohibit-password',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      `UsePAM ${rootIsLocked() ? 'yes' : 'no'}`,
      'UseDNS no',
      // bash takes a shell that sshd starts for one that wants ~/.bashrc, unless it runs inside another. A test does not depend on what is
      // in there, which may take long or wait for a lock.
      'SetEnv SHLVL=1',
      'MaxStartups 200:30:400',
      ...(greeting ? [`Banner ${file('greeting')}`] : []),
      '',
    ].join('\n'),
  );
  // Folder into which sshd locks its unprivileged half; made by the service's unit, which does not run here.
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });

  const child = exec(ns, ['/usr/sbin/sshd', '-D', '-e', '-f', file('sshd_config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  for (let tries = 0; !log.includes('Server listening on'); tries += 1) {
    if (child.exitCode !== null || tries > 500) throw new Error(`sshd does not listen: ${log}`);
    await sleep(10);
  }
  return {
    port,
    pid: child.pid ?? 0,
    identity: file('client'),
    knownHosts: file('known_hosts'),
    log: () => log,
    stop: async () => {
      await end(child);
      discard();
    },
  };
}

/** Without PAM, sshd refuses an account whose password field says "locked"; with PAM it needs more of the host. */
function rootIsLocked(): boolean {
  return /^root:!/m.test(readFileSync('/etc/shadow', 'utf8'));
}

/** The argument vector of a real `ssh` that uses nothing of this machine's own ssh configuration. */
export function sshArgs(sshd: SshLogin, target: SshOptions): string[] {
  const { host, user = 'root', connectTimeout = 5, proxyCommand, options = [] } = target;
  const settings = [
    'BatchMode=yes',
    `UserKnownHostsFile=${sshd.knownHosts}`,
    'GlobalKnownHostsFile=/dev/null',
    'StrictHostKeyChecking=yes',
    `HostKeyAlias=${HOST_ALIAS}`,
    'ControlMaster=no',
    'ControlPath=none',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    `ConnectTimeout=${connectTimeout}`,
    ...(proxyCommand ? [`ProxyCommand=${proxyCommand}`] : []),
    ...options,
  ];
  const flags = settings.flatMap((setting) => ['-o', setting]);
  return ['ssh', '-F', 'none', '-i', sshd.identity, '-p', String(sshd.port), ...flags, `${user}@${host}`];
}

/** Logs in, runs a command, and logs out. */
export function sshRun(ns: string, sshd: SshLogin, target: SshOptions, command: string): Promise<Finished> {
  return run(ns, [...sshArgs(sshd, target), command]);
}

/** Login that stays open. */
export interface Session {
  /** Sends a line and waits until the far side sends it back. Resolves to the milliseconds that took. */
  type(line: string, timeoutMs?: number): Promise<number>;
  alive(): boolean;
  /** Text that ssh wrote to stderr: the greeting, and complaints. */
  stderr(): string;
  close(): Promise<void>;
}

/** Logs in and stays: the far side echoes each line, which shows that the connection still carries data. */
export async function openSession(ns: string, sshd: SshLogin, target: SshOptions): Promise<Session> {
  const child = exec(ns, [...sshArgs(sshd, target), 'echo ready; exec cat'], { stdio: ['pipe', 'pipe', 'pipe'] });
  let heard = '';
  let complaint = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    heard += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  child.stdin?.on('error', () => {});

  const hear = async (line: string, timeoutMs: number) => {
    const start = performance.now();
    while (!heard.split('\n').slice(0, -1).includes(line)) {
      if (child.exitCode !== null) throw new Error(`ssh ended with ${child.exitCode}: ${complaint.trim()}`);
      if (performance.now() - start > timeoutMs) throw new Error(`no echo of "${line}" within ${timeoutMs} ms`);
      await sleep(5);
    }
    return performance.now() - start;
  };
  try {
    await hear('ready', 15_000);
  } catch (error) {
    await end(child, 'SIGKILL');
    throw error;
  }
  return {
    type: (line, timeoutMs = 5000) => {
      heard = '';
      child.stdin?.write(`${line}\n`);
      return hear(line, timeoutMs);
    },
    alive: () => child.exitCode === null && child.signalCode === null,
    stderr: () => complaint,
    close: async () => {
      await end(child);
    },
  };
}
