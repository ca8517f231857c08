import type { Socket } from 'node:net';
import { type Phrase, phrase } from '../../base/phrase.ts';
import { Problem } from '../../base/problem.ts';
import type { ChosenWay } from './choose.ts';
import { RememberedPrompts } from './remembered.ts';
import type { Prompts, Remote } from './remote.ts';
import { remoteOver } from './remote-over.ts';
import type { Here, SshSettings } from './settings.ts';
import { openSsh2 } from './ssh2/carrier.ts';
import { openSystemSsh } from './system/carrier.ts';

/** Environment that switches off our own hook: `ssh -G` evaluates `Match exec`, and a deployment knocks by itself. */
export const HOOK_OFF = { KNOCKGATE_HOOK_OFF: '1' };

/** Everything that a login needs from outside. */
export interface ConnectIo {
  readonly here: Here;
  readonly prompts: Prompts;
  /** Program and its fixed arguments: `['ssh']`, or `['ssh', '-F', FILE]`. */
  readonly ssh: readonly string[];
  /** Way to log in; undefined for the one that fits. */
  readonly way?: ChosenWay;
}

/** Asks ssh how it would reach a host. */
type Look = (name: string, user?: string, port?: number) => Promise<SshSettings>;

/** Logs in to a host, as often as wanted. */
export interface Login {
  readonly settings: SshSettings;
  /** Reasons for the system's ssh; empty when the library is used. */
  readonly systemBecause: readonly Phrase[];
  /**
   * Opens a new connection, which shares nothing with another.
   * @param socket an existing connection to the host's SSH port; only the library uses it
   */
  open(socket?: Socket): Promise<Remote>;
}

/** Logs in by the library or by the system's ssh: once the latter has worked, always by it. */
export class HostLogin implements Login {
  readonly settings: SshSettings;
  private readonly destination: string;
  private readonly io: ConnectIo;
  private readonly look: Look;
  private readonly prompts: RememberedPrompts;
  private reasons: readonly Phrase[];

  /** @param reasons why the system's ssh is taken; none for the library */
  constructor(destination: string, settings: SshSettings, reasons: readonly Phrase[], io: ConnectIo, look: Look) {
    this.destination = destination;
    this.settings = settings;
    this.reasons = reasons;
    this.io = io;
    this.look = look;
    this.prompts = new RememberedPrompts(io.prompts);
  }

  get systemBecause(): readonly Phrase[] {
    return this.reasons;
  }

  async open(socket?: Socket): Promise<Remote> {
    if (this.reasons.length > 0) {
      // The system's ssh opens its own connection.
      socket?.destroy();
      return this.bySystem();
    }
    try {
      return await this.byLibrary(socket);
    } catch (error) {
      return this.fallBack(error);
    }
  }

  private async fallBack(error: unknown): Promise<Remote> {
    const reason = this.io.way === 'library' ? undefined : reasonToFallBack(error, this.prompts.hasAsked);
    if (reason === undefined) throw error;
    const remote = await this.bySystem().catch((second: unknown) => {
      // Both errors say that the keys were refused: the library's text is shorter.
      throw isLoginFailed(error) && isLoginFailed(second) ? error : second;
    });
    this.reasons = [reason];
    return remote;
  }

  private async bySystem(): Promise<Remote> {
    const { prompts, destination, settings } = this;
    const env = { ...this.io.here.env, ...HOOK_OFF };
    prompts.begin();
    const carrier = await openSystemSsh(destination, { ssh: this.io.ssh, prompts, env, all: settings.all });
    prompts.succeed();
    return remoteOver(carrier, this.io.prompts, this.who);
  }

  /** Tries once more when the server closed the connection while a person was still being asked. */
  private async byLibrary(socket: Socket | undefined): Promise<Remote> {
    const { prompts, look } = this;
    const io = { prompts, here: this.io.here, look, ...(socket === undefined ? {} : { socket }) };
    for (;;) {
      prompts.begin();
      try {
        const carrier = await openSsh2(this.settings, io);
        prompts.succeed();
        return remoteOver(carrier, this.io.prompts, this.who);
      } catch (error) {
        const isCut = error instanceof Problem && error.text.code === 'not-reached' && socket === undefined;
        if (!isCut || !(await prompts.keepForNext())) throw error;
      }
    }
  }

  private get who(): string {
    return `${this.settings.user}@${this.settings.alias}`;
  }
}

/** Reason why the system's ssh may get in where the library did not; undefined when it would not, or would ask for a password again. */
function reasonToFallBack(error: unknown, hasAsked: boolean): Phrase | undefined {
  if (!(error instanceof Problem) || process.platform === 'win32') return undefined;
  if (error.text.code === 'no-common-algorithm') return phrase('the algorithms of the server');
  return isLoginFailed(error) && !hasAsked ? phrase('a key that the library cannot use') : undefined;
}

function isLoginFailed(error: unknown): boolean {
  return error instanceof Problem && error.text.code === 'login-failed';
}
