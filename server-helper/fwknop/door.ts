import type { FwknopCrypto } from '../../src/fwknop/crypto.ts';
import type { Clock } from '../clock.ts';
import type { LoadedGate, Skip } from '../config/load.ts';
import type { Door, DoorSettings } from '../daemon/door.ts';
import type { Means } from '../daemon/grant.ts';
import { type ReadyFwknop, readyKeys, replayKeyOf } from './keys.ts';
import { FwknopPipeline } from './pipeline.ts';

/**
 * Messages to remember for each key. Clients of fwknop share keys, so this is more than one device needs. When it is full, messages
 * as old as the forgotten ones are refused.
 */
const PLACES = 256;

/** Parts of the door for fwknop. */
export interface FwknopDoorParts extends Means {
  readonly clock: Clock;
  readonly fwknopCrypto: FwknopCrypto;
  /**
   * Makes the door itself, whose capture hears the port of fwknop and no other. The daemon does that: it has the code of doors and of
   * replay records for our own message already, so this bundle does not carry it a second time.
   */
  readonly makeDoor: (settings: DoorSettings) => Door;
}

/** The packets of fwknop's clients: their door, beside the gate's own, and the stanzas that they are checked by. */
export class FwknopDoor {
  readonly door: Door;
  private readonly parts: FwknopDoorParts;
  private loaded: LoadedGate;
  private stanzas: readonly ReadyFwknop[] = [];

  constructor(parts: FwknopDoorParts, loaded: LoadedGate) {
    this.parts = parts;
    this.loaded = loaded;
    this.door = parts.makeDoor(settingsOf(parts.fwknopCrypto, loaded));
  }

  /**
   * Begins to hear packets.
   * @param skip told of stanzas whose keys cannot be used
   * @throws Problem when the port cannot be heard
   */
  async start(skip: Skip): Promise<void> {
    this.stanzas = await readyKeys(this.loaded.fwknop, skip);
    const { door } = this;
    const { fwknopCrypto: crypto, clock, firewall, audit, act } = this.parts;
    const current = () => ({ loaded: this.loaded, stanzas: this.stanzas });
    const pipeline = new FwknopPipeline({ crypto, clock, firewall, audit, act, door, current });
    await door.listen({ packet: (packet) => void pipeline.handle(packet) });
  }

  /**
   * Says whether a configuration can be swapped in while the process runs, and makes its keys ready.
   * @param skip told of stanzas whose keys cannot be used
   * @throws Problem `restart-needed` when packets would be heard in another way; `gpg-key-unusable`, `part-missing`
   */
  async prepare(loaded: LoadedGate, skip?: Skip): Promise<readonly ReadyFwknop[]> {
    this.door.expectSameCapture({ hearing: hearing(loaded) });
    return await readyKeys(loaded.fwknop, skip);
  }

  /**
   * Swaps the stanzas; accepted messages stay known.
   * @param stanzas those of `loaded`, as `prepare` made them
   */
  async reload(loaded: LoadedGate, stanzas: readonly ReadyFwknop[]): Promise<void> {
    await this.door.adopt(settingsOf(this.parts.fwknopCrypto, loaded));
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
