import { inWords, phrase } from '../../spa/phrase.ts';
import { commandNotRun, sudoForbidden, sudoRefused } from './problems.ts';
import { NOT_RIGHT } from './remembered.ts';
import type { Prompts, Ran } from './remote.ts';

/** Runs one program on the target, as the user who logged in. */
type Run = (argv: readonly string[], stdin: Uint8Array, timeoutMs: number) => Promise<Ran>;

/** More tries than a person needs; a server may lock an account that fails often. */
const TRIES = 3;
const PROBE_TIMEOUT_MS = 30_000;

/**
 * Everything goes through one program, so that a rule which lets one command pass without a password cannot make sudo
 * leave the password on the standard input of another.
 */
const AS_ROOT = ['/bin/sh', '-c', 'exec "$@"', 'sh'];

/**
 * The line behind the password. Where sudo was content with something else (a security key, a fingerprint, an agent), it leaves
 * the password unread: a program that finds another line than this one ends, or the password would be part of a file or run as a command.
 */
const BEHIND_PASSWORD = 'knockgate';
const NOT_ASKED = 93;
const AS_ROOT_BY_PASSWORD = [
  '/bin/sh',
  '-c',
  `IFS= read -r line && [ "$line" = ${BEHIND_PASSWORD} ] || exit ${NOT_ASKED}; exec "$@"`,
  'sh',
];

/** Finds out, once, how to become root, and does it. */
export class Sudo {
  private readonly run: Run;
  private readonly prompts: Prompts;
  private readonly who: string;
  private way: Promise<Way> | undefined;

  /** @param who the account and host, as a person knows them: `dev@prod` */
  constructor(run: Run, prompts: Prompts, who: string) {
    this.run = run;
    this.prompts = prompts;
    this.who = who;
  }

  /**
   * Runs a program as root. The password goes to sudo's standard input, before what the program reads, and nowhere else.
   * @throws Problem `sudo-refused`, `sudo-forbidden`, `command-not-run`
   */
  async asRoot(argv: readonly string[], stdin: Uint8Array, timeoutMs: number): Promise<Ran> {
    this.way ??= this.findWay();
    const way = await this.way;
    if (way.kind === 'root') return this.run(argv, stdin, timeoutMs);
    // -k: a password remembered from before would make sudo leave ours to the program.
    if (way.kind === 'free') return this.run(['sudo', '-k', '-n', '--', ...AS_ROOT, ...argv], stdin, timeoutMs);
    return this.byPassword(way.password, argv, stdin, timeoutMs);
  }

  private async findWay(): Promise<Way> {
    const id = await this.ask(['id', '-u']);
    if (id.stdout.trim() === '0') return { kind: 'root' };
    // Something else has answered, and must not be told a password.
    if (!isUid(id)) throw commandNotRun(this.who, id.stdout || id.stderr);
    const free = await this.ask(['sudo', '-k', '-n', '--', ...AS_ROOT, 'id', '-u']);
    if (free.code === 0 && free.stdout.trim() === '0') return { kind: 'free' };
    if (free.code === 0) throw commandNotRun(this.who, free.stdout || free.stderr);
    if (free.code === 127) throw sudoForbidden(this.who, phrase('There is no sudo, and the account is not root.'));
    if (/must have a tty/.test(free.stderr))
      throw sudoForbidden(this.who, phrase('sudo there asks for a terminal (requiretty).'));
    for (let tries = 0; tries < TRIES; tries++) {
      const question = phrase('{0}Password of {1}, for sudo:', tries === 0 ? '' : NOT_RIGHT, this.who);
      const password = await this.prompts.secret(inWords(question));
      if (password === undefined || password === '') break;
      // A line feed would end it early, and be read by the program.
      if (/[\r\n]/.test(password)) continue;
      const tried = await this.byPassword(password, ['id', '-u'], new Uint8Array(), PROBE_TIMEOUT_MS);
      if (tried.code === 0 && tried.stdout.trim() === '0') return { kind: 'password', password };
      if (/not in the sudoers|not allowed|may not run/i.test(tried.stderr))
        throw sudoForbidden(this.who, phrase('sudo does not let this account run everything as root.'));
    }
    throw sudoRefused(this.who);
  }

  private async byPassword(
    password: string,
    argv: readonly string[],
    stdin: Uint8Array,
    timeoutMs: number,
  ): Promise<Ran> {
    const input = Buffer.concat([Buffer.from(`${password}\n${BEHIND_PASSWORD}\n`), stdin]);
    const ran = await this.run(['sudo', '-k', '-S', '-p', '', '--', ...AS_ROOT_BY_PASSWORD, ...argv], input, timeoutMs);
    if (ran.code !== NOT_ASKED) return ran;
    throw sudoForbidden(this.who, phrase('sudo there accepted something other than the password.'));
  }

  private ask(argv: readonly string[]): Promise<Ran> {
    return this.run(argv, new Uint8Array(), PROBE_TIMEOUT_MS);
  }
}

function isUid({ code, stdout }: Ran): boolean {
  return code === 0 && /^[0-9]{1,10}$/.test(stdout.trim());
}

type Way =
  | { readonly kind: 'root' }
  | { readonly kind: 'free' }
  | { readonly kind: 'password'; readonly password: string };
