/** The SHA-256 of files of a folder, in the form that `sha256sum --check` reads. */
export function sums(folder: string, names: readonly string[]): string;
