import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { printable } from '../../base/printable.ts';
import { findProgram, type ProgramPlace } from '../../os/find-program.ts';
import { systemErrorCode } from '../../os/system-error.ts';

/** The result of sending an echo request; `said` is what ping printed. */
export type Pinged =
  | { readonly kind: 'sent' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'failed'; readonly said: string };

/**
 * Sends one echo request, by the system's own program: only that may send one without root.
 * @param length bytes of data; undefined: as many as it sends usually
 * @param windowMs after which it counts as sent, when nobody answers
 */
export type Ping = (
  address: string,
  length: number | undefined,
  windowMs: number,
  signal: AbortSignal,
) => Promise<Pinged>;

/** Most bytes of data that each system's ping sends; macOS sends datagrams of 8192 bytes at most. */
export function longestPing(platform: NodeJS.Platform): number {
  if (platform === 'win32') return 65_500;
  return platform === 'linux' ? 65_507 : 8184;
}

/** The words that have ping send one echo request to a literal address. */
export function pingCommand(
  address: string,
  length: number | undefined,
  platform: NodeJS.Platform,
): readonly [string, ...string[]] {
  const size = (option: string) => (length === undefined ? [] : [option, String(length)]);
  if (platform === 'win32') return ['ping', '-n', '1', ...size('-l'), address];
  // BSD and macOS have a program for each version of IP.
  const name = platform !== 'linux' && address.includes(':') ? 'ping6' : 'ping';
  return [name, '-c', '1', ...size('-s'), address];
}

/** Runs the system's ping, without a shell. */
export function pingBySystem(place: ProgramPlace): Ping {
  return async (address, length, windowMs, signal) => {
    const [name, ...args] = pingCommand(address, length, place.platform);
    const child = spawn(findProgram(name, place), args, {
      env: { ...place.env, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    const end = () => child.kill();
    const window = setTimeout(end, windowMs);
    signal.addEventListener('abort', end);
    const ended = new Promise<number | undefined>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code ?? undefined));
    });
    try {
      if (signal.aborted) end();
      const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
      if (isSent(code, place.platform)) return { kind: 'sent' };
      return { kind: 'failed', said: firstLine(err) || firstLine(out) || `exit code ${code}` };
    } catch (error) {
      const code = systemErrorCode(error);
      if (code === 'ENOENT') return { kind: 'missing' };
      if (code === undefined) throw error;
      return { kind: 'failed', said: code };
    } finally {
      clearTimeout(window);
      signal.removeEventListener('abort', end);
    }
  };
}

/** Without an answer ping ends with 1, on BSD and macOS with 2, or is ended here. Windows ends with 1 whatever has failed. */
function isSent(code: number | undefined, platform: NodeJS.Platform): boolean {
  const silent = platform === 'linux' || platform === 'win32' ? 1 : 2;
  return code === undefined || code === 0 || code === silent;
}

function firstLine(output: string): string {
  return printable(output.trim().split(/\r?\n/)[0] ?? '');
}
