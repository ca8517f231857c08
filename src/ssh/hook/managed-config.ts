import { win32 } from 'node:path';

/** Paths of the hook, on a computer of that platform. */
export interface HookCommand {
  readonly platform: NodeJS.Platform;
  /** The script that ssh is to run. */
  readonly script: string;
}

/**
 * Whether a host can have a hook. Its name goes to a shell, so only such as no shell, and no `%` of ssh, reads anything
 * into.
 */
export function canHaveHook(name: string): boolean {
  return /^[A-Za-z0-9._][A-Za-z0-9._-]*$/.test(name);
}

/**
 * Whether a path can be written into an SSH configuration and into what a shell is given there. On Windows that shell is
 * `cmd.exe`, of which no quoting survives the way through ssh.
 */
export function isUsablePath(path: string, platform: NodeJS.Platform): boolean {
  const usable =
    platform === 'win32' ? /^[A-Za-z]:\\[\p{L}\p{M}\p{N}._\\@+~-]+$/u : /^\/[\p{L}\p{M}\p{N} ._/@+,:=~()-]+$/u;
  return usable.test(path);
}

/**
 * The managed file: for each host a block that holds nothing, and asks the hook whether it applies. `originalhost` comes
 * first, so that the hook runs for these hosts only.
 */
export function managedConfig(names: readonly string[], { platform, script }: HookCommand): string {
  const command = platform === 'win32' ? script : `'${script}'`;
  const blocks = [...names].filter(canHaveHook).sort();
  return [
    '# Written by Knockgate from the setting knockgate.hosts, anew whenever that changes.',
    ...blocks.map((name) => `Match originalhost ${name} exec "${command} ${name}"`),
    '',
  ].join('\n');
}

/** The line that brings the managed file into a person's configuration, one character for each byte. */
export function includeLine(path: string, platform: NodeJS.Platform): string {
  // A backslash would keep the next character from meaning anything.
  const line = platform === 'win32' ? `Include ${path.replaceAll(win32.sep, '/')}` : `Include "${path}"`;
  return Buffer.from(line, 'utf8').toString('latin1');
}
