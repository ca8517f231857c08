import { isAbsolute, join } from 'node:path';

/** Facts that decide where the command line keeps its files. */
export interface OwnComputer {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeFolder: string;
  readonly platform: NodeJS.Platform;
}

/**
 * `~/.config/knockgate`, or below `XDG_CONFIG_HOME`, which counts when absolute only (XDG Base Directory); on Windows
 * `%APPDATA%\\knockgate`.
 */
export function configFolder({ env, homeFolder, platform }: OwnComputer): string {
  const isWindows = platform === 'win32';
  const named = isWindows ? env.APPDATA : env.XDG_CONFIG_HOME;
  const usual = join(homeFolder, ...(isWindows ? ['AppData', 'Roaming'] : ['.config']));
  return join(named !== undefined && isAbsolute(named) ? named : usual, 'knockgate');
}

/** The ledger is beside the key, since those who share one share the other. */
export const LEDGER = 'ledger.json';
