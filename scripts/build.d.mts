import type { Metafile } from 'esbuild';

/** The programs: where each begins and what it becomes. */
export const PROGRAMS: Record<string, string>;

/** Bundles programs (output file to source file) and returns esbuild's metafiles by output file. */
export function build(options?: { entries?: Record<string, string> }): Promise<Record<string, Metafile>>;

/** Whether the committed notices tell what the programs contain. */
export function noticesAreCurrent(metafiles: Record<string, Metafile>): boolean;
