import type { Metafile } from 'esbuild';

/** Programs for one folder of a server: the daemon first, then its parts. Output file to source file. */
export const GATE: Record<string, string>;

/** Libraries that are shipped as they came: output file to source file. */
export const LIBRARIES: Record<string, string>;

/** Bundles programs (output file to source file) and returns esbuild's metafiles by output file. */
export function build(options?: { entries?: Record<string, string> }): Promise<Record<string, Metafile>>;

/** Whether the committed notices tell what the programs contain. */
export function noticesAreCurrent(metafiles: Record<string, Metafile>): boolean;
