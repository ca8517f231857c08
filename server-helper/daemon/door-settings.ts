import type { LoadedGate } from '../config/load.ts';
import { replayPlaces } from '../config/plan.ts';
import type { DoorSettings } from './door.ts';

/** The settings of the gate's own door, from a configuration. */
export function doorSettingsOf(loaded: LoadedGate): DoorSettings {
  const senders = loaded.clients.map(({ pair }) => pair.clientPublic);
  return { hearing: hearing(loaded), senders, places: replayPlaces(loaded.config) };
}

/** Names how packets are captured, which stays as it is for as long as the process runs. */
export function hearing({ config }: LoadedGate): string {
  const { capture, nflogGroup, knockPorts } = config.gate;
  return capture === 'socket' ? `socket ${knockPorts.join(' ')}` : `nflog ${nflogGroup}`;
}
