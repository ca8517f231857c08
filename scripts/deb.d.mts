/** Packs a version of the daemon, which must have been built, and returns the path of the package. */
export function packDeb(version?: string, folder?: string): Promise<string>;
