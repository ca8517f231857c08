import type { Address } from '../../src/base/addresses.ts';
import type { Packet } from './packet.ts';

/** Events of a running capture. */
export interface CaptureEvents {
  packet(packet: Packet): void;
  /**
   * A rule of ours has logged a packet that is not a knock: somebody has completed a sequence of ports, or visits a decoy.
   * @param prefix text of our rule in the log
   */
  reported?(prefix: string, source: Address): void;
  /** Packets are not seen at the moment; the capture repairs itself. */
  lost(detail: string): void;
  /** Packets are seen again. */
  restored(): void;
}

/** The stage that sees the packets. */
export interface Capture {
  /**
   * Resolves once packets are seen.
   * @throws Problem when it cannot work here: a program missing, a port or group in use
   */
  start(events: CaptureEvents): Promise<void>;
  /** Replaces a program that hangs, if the capture uses one. Called every few seconds. */
  heartbeat?(): void;
  stop(): Promise<void>;
}
