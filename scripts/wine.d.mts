import type { Missing } from './install.mjs';

/** Where the parts are once they are installed. */
export const WINE: {
  readonly prefix: string;
  readonly node: string;
  readonly esbuild: string;
  readonly accounts: string;
  readonly ssh: string;
};

/** The environment of Wine itself. */
export const WINE_ENV: Readonly<Record<string, string>>;

/** Installs Wine, Node for Windows, and what Wine lacks; returns what is still missing. Never throws. */
export function ensureWine(): Promise<Missing[]>;
