import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { type Phrase, phrase } from '../../base/phrase.ts';
import { findProgram } from '../../os/find-program.ts';
import { systemErrorCode } from '../../os/system-error.ts';
import { parsePlainDestination } from '../../ssh/destination.ts';
import { reasonsForSystemSsh, type Seen } from './choose.ts';
import { hasAuthority, knownName, linesFor } from './known-hosts.ts';
import { type ConnectIo, HOOK_OFF, HostLogin, type Login } from './login.ts';
import { settingsUnknown, sshMissing } from './problems.ts';
import { type Here, parseSettings, type SshSettings } from './settings.ts';
import { readKnownHosts } from './ssh2/carrier.ts';
import { jumpsOf } from './ssh2/proxy.ts';
import { readIfPossible } from './ssh2/read-if-possible.ts';
import { isUnreadableKey } from './ssh2/unreadable-key.ts';

const LOOK_WITHIN_MS = 10_000;

/**
 * Finds out how ssh would log in to a host.
 * @param destination an alias, a name, `user@name`
 * @throws Problem `ssh-settings-unknown`, `ssh-missing`
 */
export async function loginTo(destination: string, io: ConnectIo): Promise<Login> {
  const settings = await look(destination, io);
  const reasons = await reasonsFor(settings, io);
  return new HostLogin(destination, settings, reasons, io, (name, user, port) => look(name, io, user, port));
}

function reasonsFor(settings: SshSettings, io: ConnectIo): Promise<Phrase[]> | Phrase[] {
  if (io.way === 'library') return [];
  return io.way === 'system' ? [phrase('--ssh system')] : reasonsOnTheWay(settings, io);
}

/** Most jump hosts in a row: more must be a circle. */
const FURTHEST = 8;

/** Reasons why the library cannot log in to the host, or to a jump host before it. */
async function reasonsOnTheWay(settings: SshSettings, io: ConnectIo, furthest = FURTHEST): Promise<Phrase[]> {
  const reasons = reasonsForSystemSsh(settings, seenOf(settings, io));
  if (reasons.length > 0 || settings.proxyCommand !== undefined || furthest === 0) return reasons;
  for (const [i, jump] of jumpsOf(settings).entries()) {
    const found = await look(jump.host, io, jump.user, jump.port);
    // As in ssh, only the first jump uses its own ProxyJump and ProxyCommand.
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

/** Whether the library cannot read a key. On Windows there is no other way that could. */
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

/** Looks for a Kerberos ticket where KRB5CCNAME says, or else in the folder for temporary files. */
function hasTicket({ env }: Here): boolean {
  if (env.KRB5CCNAME !== undefined) return true;
  try {
    return readdirSync(tmpdir()).some((name) => name.startsWith(`krb5cc_${process.getuid?.()}`));
  } catch {
    return false;
  }
}
