import type { Metafile } from 'esbuild';

/** The packages in bundles, and those of libraries beside them, as CycloneDX 1.5 in JSON. */
export function sbom(root: string, metafiles: readonly Metafile[], libraries: readonly string[]): string;
