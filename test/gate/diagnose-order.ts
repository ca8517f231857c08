/** Order of a diagnosis: as JSON on stdin. */
export interface Order {
  readonly line: string;
  readonly keyFile: string;
  /** Where to knock rather than at the addresses of the line. */
  readonly address?: string;
  /** Milliseconds by which the clock is wrong. */
  readonly clockMs?: number;
}

/** The ledger of diagnoses with a key: not that of the command line. */
export function ledgerFolder(keyFile: string): string {
  return `${keyFile}.diagnose`;
}
