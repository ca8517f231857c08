import { existsSync } from 'node:fs';
import ssh2, {
  type AnyAuthMethod,
  type AuthenticationType,
  type IdentityCallback,
  type NextAuthHandler,
  type ParsedKey,
} from 'ssh2';
import { inWords, phrase } from '../../../base/phrase.ts';
import { oneLine } from '../../../base/printable.ts';
import { NOT_RIGHT } from '../remembered.ts';
import type { Prompts } from '../remote.ts';
import type { SshSettings } from '../settings.ts';
import { readIfPossible } from './read-if-possible.ts';

/** Tries for a person who mistypes; by default a server allows at most six failures (MaxAuthTries). */
const TRIES = 3;
/** Characters of a server's question that are shown. */
const MOST_ASKED = 300;

/**
 * Ways to log in, in the order of OpenSSH, each tried if the server offers it: keys of the agent, keys in files, questions of the
 * server, the password. Secrets are asked for when their turn comes, and never before.
 */
export class Login {
  private readonly settings: SshSettings;
  private readonly prompts: Prompts;
  private readonly attempts: AsyncGenerator<AnyAuthMethod, void, readonly string[] | undefined>;
  private offered: readonly string[] | undefined;

  constructor(settings: SshSettings, prompts: Prompts) {
    this.settings = settings;
    this.prompts = prompts;
    this.attempts = this.ways();
  }

  /** Callback of ssh2 for each next attempt. */
  readonly handler = (left: AuthenticationType[] | null, _partial: boolean, next: NextAuthHandler): void => {
    this.offered = left ?? undefined;
    this.attempts.next(undefined).then(
      // ssh2 takes `false` for "there is no more", which its types do not say.
      ({ value }) => next(value ?? (false as unknown as AuthenticationType)),
      () => next(false as unknown as AuthenticationType),
    );
  };

  private async *ways(): AsyncGenerator<AnyAuthMethod, void, readonly string[] | undefined> {
    const username = this.settings.user;
    // This shows what the server offers, so that nobody is asked for a password in vain.
    yield { type: 'none', username };
    if (this.has('publickey')) yield* this.keys(username);
    for (let tries = 0; this.has('keyboard-interactive') && tries < TRIES; tries++) {
      let stopped = false;
      yield {
        type: 'keyboard-interactive',
        username,
        prompt: (_name, instructions, _lang, prompts, finish) => {
          this.answer(instructions, prompts).then(
            (answers) => {
              stopped = answers === undefined;
              finish(answers ?? []);
            },
            () => finish([]),
          );
        },
      };
      if (stopped) return;
    }
    for (let tries = 0; this.has('password') && tries < TRIES; tries++) {
      const again = tries === 0 ? '' : NOT_RIGHT;
      const password = await this.prompts.secret(
        inWords(phrase('{0}Password of {1}@{2}:', again, username, this.settings.alias)),
      );
      if (password === undefined) return;
      yield { type: 'password', username, password };
    }
  }

  private async *keys(username: string): AsyncGenerator<AnyAuthMethod, void, readonly string[] | undefined> {
    const { agent, identityFiles, identitiesOnly } = this.settings;
    const own = identityFiles.flatMap((path) => publicKeyOf(path) ?? []);
    const chosen = agent !== undefined && existsSync(agent) ? new ChosenKeys(agent, own, identitiesOnly) : undefined;
    if (chosen !== undefined) yield { type: 'agent', username, agent: chosen };
    for (const path of identityFiles) {
      // A key that the agent has offered already would use up another of the few tries.
      const half = publicKeyOf(path);
      if (half !== undefined && chosen?.hasOffered(half)) continue;
      const key = await this.readKey(path);
      if (key !== undefined && this.has('publickey')) yield { type: 'publickey', username, key };
    }
  }

  private async readKey(path: string): Promise<ParsedKey | undefined> {
    const bytes = readIfPossible(path);
    if (bytes === undefined) return undefined;
    for (let tries = 0; tries <= TRIES; tries++) {
      let passphrase: string | undefined;
      if (tries > 0) {
        passphrase = await this.prompts.secret(inWords(phrase('Passphrase of the key {0}:', path)));
        if (passphrase === undefined || passphrase === '') return undefined;
      }
      const key = ssh2.utils.parseKey(bytes, passphrase);
      // IdentityFile may name a public key: its private half is in the agent.
      if (!(key instanceof Error)) return key.isPrivateKey() ? key : undefined;
      if (!/passphrase|decrypt|integrity/i.test(key.message)) return undefined;
    }
    return undefined;
  }

  private async answer(
    instructions: string,
    prompts: readonly { readonly prompt: string; readonly echo?: boolean }[],
  ): Promise<string[] | undefined> {
    const answers: string[] = [];
    for (const { prompt, echo } of prompts) {
      const question = [`${this.settings.user}@${this.settings.alias}:`, instructions, prompt]
        .filter(Boolean)
        // These are the server's own words: nobody knows yet whether it is the right server.
        .map((text) => oneLine(text, MOST_ASKED))
        .join(' ');
      const answer = echo === true ? await this.prompts.text(question) : await this.prompts.secret(question);
      if (answer === undefined) return undefined;
      answers.push(answer);
    }
    return answers;
  }

  private has(method: string): boolean {
    return this.offered === undefined || this.offered.includes(method);
  }
}

/** Public half of a key: from the file beside it, or from the file itself; undefined when neither can be read. */
function publicKeyOf(path: string): ParsedKey | undefined {
  for (const file of [`${path}.pub`, path]) {
    const bytes = readIfPossible(file);
    const key = bytes === undefined ? undefined : ssh2.utils.parseKey(bytes);
    if (key !== undefined && !(key instanceof Error)) return key;
  }
  return undefined;
}

/** Agent that offers its keys as ssh does: first those that the settings name, and with `IdentitiesOnly` no others. */
class ChosenKeys extends ssh2.OpenSSHAgent {
  private readonly own: readonly ParsedKey[];
  private readonly onlyOwn: boolean;
  private offered: readonly ParsedKey[] = [];

  constructor(socketPath: string, own: readonly ParsedKey[], onlyOwn: boolean) {
    super(socketPath);
    this.own = own;
    this.onlyOwn = onlyOwn;
  }

  override getIdentities(callback: IdentityCallback<ParsedKey>): void {
    super.getIdentities((error, keys) => {
      if (error) return callback(error, keys);
      const found = (keys ?? []).filter((key) => 'equals' in key);
      const named = this.own.flatMap((each) => found.find((key) => key.equals(each)) ?? []);
      const others = this.onlyOwn ? [] : found.filter((key) => !named.includes(key));
      this.offered = [...named, ...others];
      callback(undefined, [...this.offered]);
    });
  }

  hasOffered(key: ParsedKey): boolean {
    return this.offered.some((each) => each.equals(key));
  }
}
