import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { type Phrase, phrase } from '../../base/phrase.ts';
import { Problem } from '../../base/problem.ts';
import { findProgram } from '../../os/find-program.ts';
import { systemErrorCode } from '../../os/system-error.ts';
import { parsePlainDestination } from '../../ssh/destination.ts';
import { type ChosenWay, reasonsForSystemSsh, type Seen } from './choose.ts';
import { hasAuthority, knownName, linesFor } from './known-hosts.ts';
import { settingsUnknown, sshMissing } from './problems.ts';
import { RememberedPrompts } from './remembered.ts';
import type { Prompts, Remote } from './remote.ts';
import { remoteOver } from './remote-over.ts';
import { type Here, parseSettings, type SshSettings } from './settings.ts';
import { openSsh2, readKnownHosts } from './ssh2/carrier.ts';
import { jumpsOf } from './ssh2/proxy.ts';
import { readIfPossible } from './ssh2/read-if-possible.ts';
import { isUnreadableKey } from './ssh2/unreadable-key.ts';
import { openSystemSsh } from './system/carrier.ts';

/** `ssh -G` evaluates `Match exec` too: our own hook must not knock for it. */
const HOOK_OFF = { KNOCKGATE_HOOK_OFF: '1' };
const LOOK_WITHIN_MS = 10_000;

/** How logins are made. */
export interface ConnectIo {
  readonly here: Here;
  readonly prompts: Prompts;
  /** The program and what always goes with it: `['ssh']`, or `['ssh', '-F', FILE]`. */
  readonly ssh: readonly string[];
  /** Undefined for whatever fits. */
  readonly way?: ChosenWay;
}

/** Logs in to a host, as often as wanted, always in the same way. */
export interface Login {
  readonly settings: SshSettings;
  /** Why the system's ssh is taken; empty when the library is. */
  readonly systemBecause: readonly Phrase[];
  /**
   * A new connection, which shares nothing with another.
   * @param socket a connection to the host's SSH port that is there already; only the library takes it
   */
  open(socket?: Socket): Promise<Remote>;
}

/**
 * Finds out how ssh would log in to a host.
 * @param destination an alias, a name, `user@name`
 * @throws Problem `ssh-settings-unknown`, `ssh-missing`
 */
export async function loginTo(destination: string, io: ConnectIo): Promise<Login> {
  const settings = await look(destination, io);
  let systemBecause = await reasonsFor(settings, io);
  const who = `${settings.user}@${settings.alias}`;
  const prompts = new RememberedPrompts(io.prompts);
  const bySystem = async () => {
    const env = { ...io.here.env, ...HOOK_OFF };
    prompts.begin();
    const carrier = await openSystemSsh(destination, { ssh: io.ssh, prompts, env, all: settings.all });
    prompts.succeed();
    return remoteOver(carrier, io.prompts, who);
  };
  const byLibrary = async (socket: Socket | undefined) => {
    const ssh2Io = {
      prompts,
      here: io.here,
      look: (name: string, user?: string, port?: number) => look(name, io, user, port),
      ...(socket === undefined ? {} : { socket }),
    };
    for (;;) {
      prompts.begin();
      try {
        const carrier = await openSsh2(settings, ssh2Io);
        prompts.succeed();
        return remoteOver(carrier, io.prompts, who);
      } catch (error) {
        const isCut = error instanceof Problem && error.text.code === 'not-reached' && socket === undefined;
        if (!isCut || !(await prompts.keepForNext())) throw error;
      }
    }
  };
  return {
    settings,
    get systemBecause() {
      return systemBecause;
    },
    open: async (socket) => {
      if (systemBecause.length > 0) {
        // It makes a connection of its own.
        socket?.destroy();
        return bySystem();
      }
      try {
        return await byLibrary(socket);
      } catch (error) {
        const reason = io.way === 'library' ? undefined : reasonToFallBack(error, prompts.hasAsked);
        if (reason === undefined) throw error;
        const remote = await bySystem().catch((second: unknown) => {
          // Both say that the keys were not taken: the library's words are the shorter ones.
          throw isLoginFailed(error) && isLoginFailed(second) ? error : second;
        });
        // From now on always in the same way.
        systemBecause = [reason];
        return remote;
      }
    },
  };
}

/** Why the system's ssh may get in where the library did not; undefined when it would not, or would ask for a password again. */
function reasonToFallBack(error: unknown, hasAsked: boolean): Phrase | undefined {
  if (!(error instanceof Problem) || process.platform === 'win32') return undefined;
  if (error.text.code === 'no-common-algorithm') return phrase('the algorithms of the server');
  return isLoginFailed(error) && !hasAsked ? phrase('a key that the library cannot use') : undefined;
}

function isLoginFailed(error: unknown): boolean {
  return error instanceof Problem && error.text.code === 'login-failed';
}

function reasonsFor(settings: SshSettings, io: ConnectIo): Promise<Phrase[]> | Phrase[] {
  if (io.way === 'library') return [];
  return io.way === 'system' ? [phrase('--ssh system')] : reasonsOnTheWay(settings, io);
}

/** Jump hosts of jump hosts of …: more is a circle. */
const FURTHEST = 8;

/** Why the library cannot log in to the host, or to a jump host before it. */
async function reasonsOnTheWay(settings: SshSettings, io: ConnectIo, furthest = FURTHEST): Promise<Phrase[]> {
  const reasons = reasonsForSystemSsh(settings, seenOf(settings, io));
  if (reasons.length > 0 || settings.proxyCommand !== undefined || furthest === 0) return reasons;
  for (const [i, jump] of jumpsOf(settings).entries()) {
    const found = await look(jump.host, io, jump.user, jump.port);
    // As ssh does it, only the first jump is reached as its own settings say.
    const own: SshSettings = i === 0 ? found : { ...found, proxyJump: undefined, proxyCommand: undefined };
    const there = await reasonsOnTheWay(own, io, furthest - 1);
    if (there.length > 0) return there.map((reason) => phrase('{0} (jump host {1})', reason, jump.host));
  }
  return [];
}

function seenOf(settings: SshSettings, { here }: ConnectIo): Seen {
  const name = knownName(settings.hostName, settings.port, settings.hostKeyAlias);
  return {
    authority: hasAuthority(linesFor(name, readKnownHosts(settings))),
    ticket: hasTicket(here),
    exists: existsSync,
    keyType: publicKeyType,
    isUnreadable,
  };
}

function look(destination: string, io: ConnectIo, user?: string, port?: number): Promise<SshSettings> {
  const alias = parsePlainDestination(destination)?.host;
  if (alias === undefined)
    return Promise.reject(settingsUnknown(destination, phrase('That is not the name of a host.')));
  const [name = 'ssh', ...always] = io.ssh;
  const program = findProgram(name, { platform: process.platform, env: io.here.env });
  const asked = [...(user === undefined ? [] : ['-l', user]), ...(port === undefined ? [] : ['-p', String(port)])];
  const options = {
    env: { ...io.here.env, ...HOOK_OFF } as NodeJS.ProcessEnv,
    timeout: LOOK_WITHIN_MS,
    windowsHide: true,
  };
  return new Promise((resolve, reject) => {
    execFile(program, [...always, '-G', ...asked, '--', destination], options, (error, output, complaint) => {
      const settings = error === null ? parseSettings(alias, output, io.here) : undefined;
      if (settings !== undefined) resolve(settings);
      else if (systemErrorCode(error) === 'ENOENT') reject(sshMissing(destination, name, process.platform));
      else reject(settingsUnknown(destination, complaint.trim() || error?.message || phrase('It said nothing.')));
    });
  });
}

/** Windows has no second way that could read it. */
function isUnreadable(path: string): boolean {
  const bytes = process.platform === 'win32' ? undefined : readIfPossible(path);
  return bytes !== undefined && isUnreadableKey(bytes);
}

function publicKeyType(path: string): string | undefined {
  try {
    return readFileSync(`${path}.pub`, 'utf8').split(/\s+/)[0];
  } catch {
    return undefined;
  }
}

/** Kerberos keeps tickets where KRB5CCNAME says, by default in a file of the temporary folder. */
function hasTicket({ env }: Here): boolean {
  if (env.KRB5CCNAME !== undefined) return true;
  try {
    return readdirSync(tmpdir()).some((name) => name.startsWith(`krb5cc_${process.getuid?.()}`));
  } catch {
    return false;
  }
}
