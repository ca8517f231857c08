/** Result of a program on the target. */
export interface Ran {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a program is run on the target. */
export interface RunOptions {
  /** Input of the program; nothing by default. */
  readonly stdin?: string | Uint8Array;
  /** Whether to run it as root. */
  readonly sudo?: boolean;
  /** Milliseconds after which the connection counts as lost; default 60 seconds. */
  readonly timeoutMs?: number;
}

/** Session on the target: every step of a deployment uses it, until it is closed. */
export interface Remote {
  /** Program or library that carries the connection, for the report. */
  readonly carrier: CarrierKind;
  /** Host key that the server proved to have. */
  readonly hostKey: HostKey;
  /**
   * Runs a program to its end; any exit code is an answer.
   * @throws Problem `connection-lost`, `sudo-refused`
   */
  run(argv: readonly string[], options?: RunOptions): Promise<Ran>;
  close(): Promise<void>;
}

/** `ssh2`: the library, in this process. `ssh`: the program of the system. */
export type CarrierKind = 'ssh2' | 'ssh';

export interface HostKey {
  /** `ssh-ed25519` and so on. */
  readonly type: string;
  /** `SHA256:` and unpadded base64, as OpenSSH shows it. */
  readonly fingerprint: string;
}

/** Carrier of a login: runs one command line, which the login shell of the far side reads. */
export interface Carrier {
  readonly kind: CarrierKind;
  readonly hostKey: HostKey;
  /** @throws Problem `connection-lost` */
  exec(commandLine: string, stdin: Uint8Array, timeoutMs: number): Promise<Ran>;
  close(): Promise<void>;
}

/** Questions to a person. The answer is undefined or false when the person cancels. */
export interface Prompts {
  /** Asks for a password or passphrase: it is not shown, and is kept in memory only. */
  secret(question: string): Promise<string | undefined>;
  /** Asks for anything that may be seen. */
  text(question: string): Promise<string | undefined>;
  /** @param detail what the question is about, shown with it */
  confirm(question: string, detail?: string): Promise<boolean>;
}
