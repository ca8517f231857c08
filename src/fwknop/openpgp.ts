/** The library that makes and reads OpenPGP messages. */
export type OpenPgp = typeof import('openpgp');

/**
 * Loads it: a file of its own beside the program, openpgp.min.cjs, for those who use GnuPG's mode.
 * Rejects with the system's error when it is not there.
 */
export const loadOpenPgp = (): Promise<OpenPgp> => import('openpgp');
