import { win32 } from 'node:path';

/** Paths of the hook, on a computer of that platform. */
export interface HookCommand {
  readonly platform: NodeJS.Platform;
  /** Script that ssh runs. */
  readonly script: string;
}

/**
 * Whether a host can have a hook. Its name is passed to a shell: allow only characters without a meaning to a shell or to the
 * `%` tokens of ssh.
 */
export function canHaveHook(name: string): boolean {
  return /^[A-Za-z0-9._][A-Za-z0-9._-]*$/.test(name);
}

/**
 * Whether a path can be written into an SSH configuration and into a shell command there. On Windows that shell is
 * `cmd.exe`, and no quoting for it survives ssh.
 */
export function isUsablePath(path: string, platform: NodeJS.Platform): boolean {
  const usable =
    platform === 'win32' ? /^[A-Za-z]:\\[\p{L}\p{M}\p{N}._\\@+~-]+$/u : /^\/[\p{L}\p{M}\p{N} ._/@+,:=~()-]+$/u;
  return usable.test(path);
}

/** Host that has a hook, and ssh's route to it without the hook. */
export interface HookedHost {
  readonly name: string;
  /**
   * Whether the hook's own ProxyCommand may carry the connection: true when the person's configuration has neither a
   * ProxyCommand nor a ProxyJump for that host in any network. Those stay in force, and so does a configuration that cannot
   * be judged.
   */
  readonly mayBeCarried: boolean;
}

/**
 * The managed file: for each host a block that asks the hook whether it applies. `originalhost` comes first, so that the
 * hook runs for these hosts only. The block applies only where an SSH extension runs the hook inside the editor: then its
 * ProxyCommand is used.
 */
export function managedConfig(hosts: readonly HookedHost[], command: HookCommand): string {
  const blocks = hosts.filter(({ name }) => canHaveHook(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
  return [
    '# Written by Knockgate from the setting knockgate.hosts, anew whenever that changes.',
    ...blocks.flatMap((host) => blockOf(host, command)),
    '',
  ].join('\n');
}

function blockOf({ name, mayBeCarried }: HookedHost, { platform, script }: HookCommand): string[] {
  if (platform === 'win32') return [`Match originalhost ${name} exec "${script} ask ${name}"`];
  // With "exec", a program that runs this through a shell sees the script's own exit code, and the script sees that program
  // as its parent.
  const match = (verb: string) => `Match originalhost ${name} exec "exec '${script}' ${verb} ${name}"`;
  if (!mayBeCarried) return ['# A ProxyCommand or ProxyJump of your own stays in force.', match('ask')];
  return [match('ask-or-carry'), `  ProxyCommand "${script}" carry ${name} %h %p`];
}

/** Line that includes the managed file in a person's configuration, one character for each byte. */
export function includeLine(path: string, platform: NodeJS.Platform): string {
  // ssh would read a backslash as an escape of the next character.
  const line = platform === 'win32' ? `Include ${path.replaceAll(win32.sep, '/')}` : `Include "${path}"`;
  return Buffer.from(line, 'utf8').toString('latin1');
}
