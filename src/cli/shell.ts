import type { Readable, Writable } from 'node:stream';
import type { Owner } from '../client/keys/identity.ts';
import type { DeriveKey } from '../client/keys/sealed-key-file.ts';
import type { Resolve } from '../client/network/resolve.ts';
import type { OpenUdpRoute } from '../client/network/udp.ts';
import type { Probe } from '../client/network/wait.ts';
import type { Clock } from '../os/clock.ts';
import type { CryptoProvider } from '../spa/crypto.ts';
import type { OwnAccount } from '../ssh/own-account.ts';
import type { Screen } from './many/live-table.ts';

/** Tone of a line, which a terminal shows as a colour. */
export type Tone = 'good' | 'bad' | 'plain';

/** The part that sets up gates, as the shell loads it. */
export type DeployModule = typeof import('../deploy/main.ts');

/** Everything that a command gets from outside. Parts that a plain knock does not need are made when they are first asked for. */
export interface Shell {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** Where our own files are. */
  readonly homeFolder: string;
  /** Account as ssh sees it: its files may be elsewhere. */
  readonly account: () => OwnAccount;
  /** Owner that key files must have. */
  readonly owner: Owner;
  /** Name of the user, for the default name of a key. */
  readonly userName: () => string;
  readonly hostName: () => string;
  readonly openStdin: () => Readable;
  /** Opens stdout for the command that carries data, which must be able to close it. */
  readonly openStdout: () => Writable;
  /** Writes a line for people or programs to stdout. On a terminal it may be coloured; the words say the same. */
  readonly print: (line: string, tone?: Tone) => void;
  /** Writes a line for people to stderr, likewise. */
  readonly tell: (line: string, tone?: Tone) => void;
  /** Writes to stderr as it is: a question, whose answer follows on the same line. */
  readonly ask: (text: string) => void;
  /** For drawing on the terminal of stderr; undefined where that is none. */
  readonly openScreen: () => Screen | undefined;
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
  /** Ends the program as Ctrl-C does. */
  readonly interrupt: () => void;
  /** Words that start this very program, from any folder and with any PATH. */
  readonly ownCommand: () => readonly string[];
  /** Where the programs of the build are. */
  readonly programFolder: () => string;
  /** Loads the part that sets up gates, which is a file of its own. */
  readonly loadDeployment: () => Promise<DeployModule>;
  /** Runs a program with the input and output of this one. Undefined when it is not installed. */
  readonly runProgram: (program: string, args: readonly string[]) => Promise<number | undefined>;
  readonly clock: Clock;
  readonly crypto: CryptoProvider;
  /** For files under a passphrase. */
  readonly deriveKey: DeriveKey;
  readonly resolve: Resolve;
  readonly openRoute: OpenUdpRoute;
  readonly probe: Probe;
}
