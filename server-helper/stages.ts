import { channel } from 'node:diagnostics_channel';
import type { Packet } from './capture/packet.ts';

/**
 * Stage that a knock has reached: read by the capture; accepted by every check and by the policy; its replay record on disk; its
 * grant acknowledged by nft.
 */
export type Stage = 'read' | 'verified' | 'durable' | 'granted';

/** Message on the channel `knockgate.stages`, published at the moment at which a knock has reached a stage. */
export interface StageReached {
  readonly stage: Stage;
  /** Packet: the same object at every stage of one knock. */
  readonly packet: Packet;
  /** Frame as captured, for `read`: its header holds the times of the kernel and of tcpdump. */
  readonly frame?: { readonly time: number; readonly bytes: Uint8Array };
}

const stages = channel('knockgate.stages');

/**
 * Shows a benchmark where the time goes. In a normal daemon nobody listens; a script that is loaded before it (`node --require`)
 * may.
 */
export function reached(stage: Stage, packet: Packet, frame?: StageReached['frame']): void {
  if (!stages.hasSubscribers) return;
  stages.publish({ stage, packet, ...(frame === undefined ? {} : { frame }) } satisfies StageReached);
}
