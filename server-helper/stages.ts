import { channel } from 'node:diagnostics_channel';
import type { Packet } from './capture/packet.ts';

/**
 * How far a knock has come: out of the capture's stream; taken by every check and by the policy; its replay record on disk;
 * its grant acknowledged by nft.
 */
export type Stage = 'read' | 'verified' | 'durable' | 'granted';

/** Message on the channel `knockgate.stages`, published at the moment at which a knock has reached a stage. */
export interface StageReached {
  readonly stage: Stage;
  /** The same object at every stage of one knock. */
  readonly packet: Packet;
  /** Of `read`: the frame as captured, whose header holds the times of the kernel and of tcpdump. */
  readonly frame?: { readonly time: number; readonly bytes: Uint8Array };
}

const stages = channel('knockgate.stages');

/**
 * Tells a benchmark where the time goes. Nobody listens in a daemon that is not measured: a script loaded before it
 * (`node --require`) may.
 */
export function reached(stage: Stage, packet: Packet, frame?: StageReached['frame']): void {
  if (!stages.hasSubscribers) return;
  stages.publish({ stage, packet, ...(frame === undefined ? {} : { frame }) } satisfies StageReached);
}
