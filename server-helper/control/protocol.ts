import type { ProblemText } from '../../src/spa/problem.ts';

/** What the subcommands ask of the running daemon: one JSON object a line, answered by one. */
export type ControlRequest =
  | { readonly command: 'status' }
  | { readonly command: 'list' }
  | { readonly command: 'reload' }
  | { readonly command: 'flush' }
  /** Ends the trial: the gate stays. */
  | { readonly command: 'confirm' }
  | {
      readonly command: 'grant';
      readonly address: string;
      readonly ports: readonly string[];
      readonly seconds?: number;
    }
  /** An address, a network or a client's name. */
  | { readonly command: 'revoke'; readonly whom: string };

export type ControlAnswer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: ProblemText };

/** A line longer than this is not a request. */
export const LONGEST_LINE = 65_536;

/** A live grant as `list` shows it. */
export interface ShownGrant {
  readonly client: string;
  readonly address: string;
  readonly port: string;
  readonly seconds: number;
}
