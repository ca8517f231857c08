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
  /** As root. */
  readonly sudo?: boolean;
  /** After that long the connection counts as lost; default 60 seconds. */
  readonly timeoutMs?: number;
}

/** A login on the target that stays: every step of a deployment goes over one, until it is closed. */
export interface Remote {
  /** Program or library that carries the connection, for the report. */
  readonly carrier: CarrierKind;
  /** The key that the host proved to have. */
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

/** A host key as it is compared and shown. */
export interface HostKey {
  /** `ssh-ed25519` and so on. */
  readonly type: string;
  /** `SHA256:` and unpadded base64, as OpenSSH shows it. */
  readonly fingerprint: string;
}

/** A carrier's half of a login: runs one command line, which the login shell of the far side reads. */
export interface Carrier {
  readonly kind: CarrierKind;
  readonly hostKey: HostKey;
  /** @throws Problem `connection-lost` */
  exec(commandLine: string, stdin: Uint8Array, timeoutMs: number): Promise<Ran>;
  close(): Promise<void>;
}

/** How a person is asked. Undefined or false when the person cancels. */
export interface Prompts {
  /** For a password or passphrase: what is typed is not shown, and is kept in memory only. */
  secret(question: string): Promise<string | undefined>;
  /** Anything that may be seen. */
  text(question: string): Promise<string | undefined>;
  /** @param detail what the question is about, shown with it */
  confirm(question: string, detail?: string): Promise<boolean>;
}
