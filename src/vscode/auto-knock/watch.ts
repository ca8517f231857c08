import type { AutoKnockSettings } from '../settings.ts';
import { type Interfaces, ownAddresses } from './network.ts';

/** Milliseconds between calls of `tick`. */
export const TICK_MS = 2000;
/** Shortest sleep: a busy computer may be late by seconds, and one that slept for less has lost no connection. */
const LEAST_SLEEP_MS = 10_000;
/** Absence after which a grant has long ended, and a router may have forgotten the connection. */
const LONG_ABSENCE_MS = 600_000;

/** Reason why an open window wants its port open again. */
export type Occasion = 'wake' | 'network' | 'return';

export interface WatchIo {
  /** Unix milliseconds, by a clock that goes on while the computer sleeps. */
  readonly wallMs: () => number;
  readonly interfaces: () => Interfaces;
  readonly settings: () => AutoKnockSettings;
  readonly notice: (occasion: Occasion) => void;
}

/**
 * Notices events that break the connection of an open window: sleep, another network, a long absence. The editor then connects anew
 * without starting the extension again.
 */
export class Watch {
  private readonly io: WatchIo;
  private lastTickMs: number;
  private addresses: string;
  private leftMs: number | undefined;

  constructor(io: WatchIo) {
    this.io = io;
    this.lastTickMs = io.wallMs();
    this.addresses = ownAddresses(io.interfaces());
  }

  /** Looks at clock and network; called every `TICK_MS` while the computer is awake. */
  tick(): void {
    const nowMs = this.io.wallMs();
    const slept = nowMs - this.lastTickMs > TICK_MS + LEAST_SLEEP_MS;
    this.lastTickMs = nowMs;
    const addresses = ownAddresses(this.io.interfaces());
    // Without a network nothing can be done; its return is the next change.
    const moved = addresses !== this.addresses && addresses !== '';
    this.addresses = addresses;
    const { enabled, onWake, onNetworkChange } = this.io.settings();
    if (!enabled) return;
    if (slept && onWake) this.io.notice('wake');
    else if (moved && onNetworkChange) this.io.notice('network');
  }

  /** Notes that the window has got the focus, or lost it. */
  focus(isFocused: boolean): void {
    const nowMs = this.io.wallMs();
    const awayMs = isFocused && this.leftMs !== undefined ? nowMs - this.leftMs : 0;
    this.leftMs = isFocused ? undefined : (this.leftMs ?? nowMs);
    const { enabled, onReturn } = this.io.settings();
    if (enabled && onReturn && awayMs > LONG_ABSENCE_MS) this.io.notice('return');
  }
}
