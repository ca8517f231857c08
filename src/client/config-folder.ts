import { isAbsolute, join } from 'node:path';

/** Facts that decide where the command line keeps its files. */
export interface OwnComputer {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeFolder: string;
  readonly platform: NodeJS.Platform;
}

/**
 * `~/.config/knockgate`, or the folder below `XDG_CONFIG_HOME` if that is absolute (XDG Base Directory); on Windows
 * `%APPDATA%\\knockgate`.
 */
export function configFolder({ env, homeFolder, platform }: OwnComputer): string {
  const isWindows = platform === 'win32';
  const named = isWindows ? env.APPDATA : env.XDG_CONFIG_HOME;
  const usual = join(homeFolder, ...(isWindows ? ['AppData', 'Roaming'] : ['.config']));
  return join(named !== undefined && isAbsolute(named) ? named : usual, 'knockgate');
}

/** Name of the ledger's folder, which lies beside the key: processes that share one share the other. */
export const LEDGER = 'ledger';
