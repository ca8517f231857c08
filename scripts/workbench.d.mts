import type { Missing } from './install.mjs';

/** Where the parts of the workbench are once they are installed. */
export const WORKBENCH: { readonly node: string; readonly server: string; readonly browser: string };

/** Installs a real VS Code workbench and a browser; returns what is still missing. Never throws. */
export function ensureWorkbench(): Promise<Missing[]>;
