import { inWords, type Phrase, phrase } from '../../base/phrase.ts';
import { ENVIRONMENT } from './environment.ts';
import { commandNotRun, sudoForbidden, sudoRefused } from './problems.ts';
import { NOT_RIGHT } from './remembered.ts';
import type { Prompts, Ran } from './remote.ts';

/** Runs one program on the target, as the user who logged in. */
type Run = (argv: readonly string[], stdin: Uint8Array, timeoutMs: number) => Promise<Ran>;

/** Tries for a person; a server may lock an account that fails often. */
const TRIES = 3;
const PROBE_TIMEOUT_MS = 30_000;
/** Exit code of a shell for a missing program. */
const NO_PROGRAM = 127;

/** Command of sudo. -k: with a password that sudo remembers, it would leave ours to the program. */
const SUDO = ['sudo', '-k', '-n', '--'];
/** Command of doas, which reads a password only from a terminal; there is none. */
const DOAS = ['doas', '-n'];

/**
 * Program that runs everything as root: a rule that allows one command without a password must not make sudo leave the password on
 * the standard input of another.
 */
const AS_ROOT = ['/bin/sh', '-c', `${ENVIRONMENT}; exec "$@"`, 'sh'];

/**
 * Line behind the password. If sudo accepted something else (a security key, a fingerprint, an agent), it leaves the password
 * unread: a program that finds another line than this one ends, or the password would be part of a file or run as a command.
 */
const BEHIND_PASSWORD = 'knockgate';
const NOT_ASKED = 93;
const AS_ROOT_BY_PASSWORD = [
  '/bin/sh',
  '-c',
  `IFS= read -r line && [ "$line" = ${BEHIND_PASSWORD} ] || exit ${NOT_ASKED}; ${ENVIRONMENT}; exec "$@"`,
  'sh',
];

/** Prompt of sudo when a password is tried: it names the account whose password it wants, which `targetpw` and `rootpw` change. */
const PROMPT = 'knockgate asks for the password of %p\n';
const PROMPTED = /^knockgate asks for the password of ([\w.@\\-]{1,64})$/m;

/** Finds out, once, how to become root: as root itself, by sudo, or by a doas that asks nothing. */
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
    if (way.kind === 'free') return this.run([...way.become, ...AS_ROOT, ...argv], stdin, timeoutMs);
    return this.byPassword(way.password, argv, stdin, timeoutMs);
  }

  private async findWay(): Promise<Way> {
    const id = await this.ask(['id', '-u']);
    if (id.stdout.trim() === '0') return { kind: 'root' };
    // Something else has answered, and must not get a password.
    if (!isUid(id)) throw commandNotRun(this.who, id.stdout || id.stderr);
    const free = await this.ask([...SUDO, ...AS_ROOT, 'id', '-u']);
    if (free.code === 0) return this.checked(free, SUDO);
    const doas = await this.ask([...DOAS, ...AS_ROOT, 'id', '-u']);
    if (doas.code === 0) return this.checked(doas, DOAS);
    if (free.code === NO_PROGRAM) throw sudoForbidden(this.who, whyNoDoas(doas));
    if (/must have a tty/.test(free.stderr))
      throw sudoForbidden(this.who, phrase('sudo there asks for a terminal (requiretty).'));
    return this.askForPassword();
  }

  private checked(answer: Ran, become: readonly string[]): Way {
    if (answer.stdout.trim() === '0') return { kind: 'free', become };
    throw commandNotRun(this.who, answer.stdout || answer.stderr);
  }

  private async askForPassword(): Promise<Way> {
    let whose = this.who;
    for (let tries = 0; tries < TRIES; tries++) {
      const question = phrase('{0}Password of {1}, for sudo:', tries === 0 ? '' : NOT_RIGHT, whose);
      const password = await this.prompts.secret(inWords(question));
      if (password === undefined || password === '') break;
      // A line feed would end the password early, and the program would read the rest.
      if (/[\r\n]/.test(password)) continue;
      const tried = await this.byPassword(password, ['id', '-u'], new Uint8Array(), PROBE_TIMEOUT_MS, PROMPT);
      if (tried.code === 0 && tried.stdout.trim() === '0') return { kind: 'password', password };
      if (/not in the sudoers|not allowed|may not run/i.test(tried.stderr))
        throw sudoForbidden(this.who, phrase('sudo does not let this account run everything as root.'));
      whose = this.accountOf(tried) ?? whose;
    }
    throw sudoRefused(this.who);
  }

  private async byPassword(
    password: string,
    argv: readonly string[],
    stdin: Uint8Array,
    timeoutMs: number,
    prompt = '',
  ): Promise<Ran> {
    const input = Buffer.concat([Buffer.from(`${password}\n${BEHIND_PASSWORD}\n`), stdin]);
    const become = ['sudo', '-k', '-S', '-p', prompt, '--'];
    const ran = await this.run([...become, ...AS_ROOT_BY_PASSWORD, ...argv], input, timeoutMs);
    if (ran.code !== NOT_ASKED) return ran;
    throw sudoForbidden(this.who, phrase('sudo there accepted something other than the password.'));
  }

  /** Account whose password sudo has asked for, with the host: `root@prod`. */
  private accountOf({ stderr }: Ran): string | undefined {
    const account = PROMPTED.exec(stderr)?.[1];
    return account && `${account}${this.who.slice(this.who.lastIndexOf('@'))}`;
  }

  private ask(argv: readonly string[]): Promise<Ran> {
    return this.run(argv, new Uint8Array(), PROBE_TIMEOUT_MS);
  }
}

function whyNoDoas({ code }: Ran): Phrase {
  if (code === NO_PROGRAM) return phrase('There is no sudo and no doas, and the account is not root.');
  return phrase(
    'doas there asks for a password, which it reads from a terminal only, or does not permit this account.',
  );
}

function isUid({ code, stdout }: Ran): boolean {
  return code === 0 && /^[0-9]{1,10}$/.test(stdout.trim());
}

type Way =
  | { readonly kind: 'root' }
  | { readonly kind: 'free'; readonly become: readonly string[] }
  | { readonly kind: 'password'; readonly password: string };
