import { existsSync } from 'node:fs';
import { loadFleetBundle } from '../bundles.ts';
import type { Clock } from '../clock.ts';
import type { Kept } from '../config/kept.ts';
import type { Paths } from '../paths.ts';
import { reasonOf } from '../problems.ts';

/** Finds out whether the gate is in a fleet. Without its code the clients of gate.toml get in. */
export async function meetFleet(paths: Paths, kept: Kept, { wall }: Clock): Promise<void> {
  if (!existsSync(`${paths.state}/fleet`)) kept.fleet = undefined;
  else
    kept.fleet ??= await loadFleetBundle().then(
      ({ SetInForce }) => new SetInForce(paths, wall),
      (error: unknown) => ({ alarms: [reasonOf(error)], withClients: (config) => config, takeDue: () => false }),
    );
}
