/** The library for OpenPGP messages. */
export type OpenPgp = typeof import('openpgp');

/**
 * Loads the library: a file beside the program, openpgp.min.cjs, which only GnuPG's mode needs. Rejects with the system's
 * error when the file is missing.
 */
export const loadOpenPgp = (): Promise<OpenPgp> => import('openpgp');
