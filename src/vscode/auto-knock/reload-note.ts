import type { Memento } from 'vscode';

const KEY = 'knockgate.windowWasReloaded';
/** Time for which a connection answers before it counts as sound again. */
const SOUND_AFTER_MS = 10 * 60_000;

/**
 * Remembers beyond a reload that Knockgate reloaded this window. It does not do so again before the connection has proved sound: a
 * server that answers at each login and then falls silent would have the window reloaded for ever.
 */
export class ReloadNote {
  /** State of this window's folder or workspace, on this device. */
  private readonly state: Pick<Memento, 'get' | 'update'>;

  constructor(state: Pick<Memento, 'get' | 'update'>) {
    this.state = state;
  }

  isSet(): boolean {
    return this.state.get(KEY) !== undefined;
  }

  async set(): Promise<void> {
    await this.state.update(KEY, 'untold');
  }

  /** Whether the person has yet to be told about the reload. Says so once. */
  async isNews(): Promise<boolean> {
    if (this.state.get(KEY) !== 'untold') return false;
    await this.state.update(KEY, 'told');
    return true;
  }

  /** Removes the note if the connection answered for long enough before it was lost. */
  async clearAfter(answeredForMs: number): Promise<void> {
    if (this.isSet() && answeredForMs >= SOUND_AFTER_MS) await this.state.update(KEY, undefined);
  }
}
