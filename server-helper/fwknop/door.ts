import type { FwknopCrypto } from '../../src/fwknop/crypto.ts';
import type { LoadedGate, Skip } from '../config/load.ts';
import { Door, type DoorParts, type DoorSettings } from '../daemon/door.ts';
import type { Means } from '../daemon/grant.ts';
import { type ReadyFwknop, readyKeys, replayKeyOf } from './keys.ts';
import { FwknopPipeline } from './pipeline.ts';

/**
 * Messages to remember for each key. Clients of fwknop share keys, so this is more than one device needs. When it is full, messages
 * as old as the forgotten ones are refused.
 */
const PLACES = 256;

/** Parts of the door. The capture hears the port of fwknop and no other. */
export interface FwknopDoorParts extends Means, DoorParts {
  readonly fwknopCrypto: FwknopCrypto;
}

/** The door for fwknop's clients, beside the gate's own. */
export class FwknopDoor extends Door {
  private readonly means: FwknopDoorParts;
  private loaded: LoadedGate;
  private stanzas: readonly ReadyFwknop[] = [];

  constructor(parts: FwknopDoorParts, loaded: LoadedGate) {
    super(parts, 'fwknop', settingsOf(parts.fwknopCrypto, loaded));
    this.means = parts;
    this.loaded = loaded;
  }

  /**
   * Begins to hear packets.
   * @param skip told of stanzas whose keys cannot be used
   * @throws Problem when the port cannot be heard
   */
  async start(skip: Skip): Promise<void> {
    this.stanzas = await readyKeys(this.loaded.fwknop, skip);
    const { fwknopCrypto: crypto, clock, firewall, audit, act } = this.means;
    const current = () => ({ loaded: this.loaded, stanzas: this.stanzas });
    const pipeline = new FwknopPipeline({ crypto, clock, firewall, audit, act, door: this, current });
    await this.listen({ packet: (packet) => void pipeline.handle(packet) });
  }

  /**
   * Says whether a configuration can be swapped in while the process runs, and makes its keys ready.
   * @param skip told of stanzas whose keys cannot be used
   * @throws Problem `restart-needed` when packets would be heard in another way; `gpg-key-unusable`, `part-missing`
   */
  async prepare(loaded: LoadedGate, skip?: Skip): Promise<readonly ReadyFwknop[]> {
    this.expectSameCapture({ hearing: hearing(loaded) });
    return await readyKeys(loaded.fwknop, skip);
  }

  /**
   * Swaps the stanzas; accepted messages stay known.
   * @param stanzas those of `loaded`, as `prepare` made them
   */
  async reload(loaded: LoadedGate, stanzas: readonly ReadyFwknop[]): Promise<void> {
    await this.adopt(settingsOf(this.means.fwknopCrypto, loaded));
    this.loaded = loaded;
    this.stanzas = stanzas;
  }
}

function settingsOf(crypto: FwknopCrypto, loaded: LoadedGate): DoorSettings {
  const senders = loaded.fwknop.map(({ keys }) => replayKeyOf(crypto, keys));
  return { hearing: hearing(loaded), senders, places: PLACES };
}

/** Settings that the capture was started with. */
function hearing({ config, fwknop: stanzas }: LoadedGate): string {
  const { capture, fwknop } = config.gate;
  return stanzas.length === 0 ? 'none' : `${capture} ${fwknop.port} ${fwknop.nflogGroup}`;
}
