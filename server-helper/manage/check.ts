import { existsSync } from 'node:fs';
import { formatPortRange } from '../../src/base/ports.ts';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import type { GateConfig } from '../config/gate-config.ts';
import { type LoadedGate, loadGate } from '../config/load.ts';
import type { Paths } from '../paths.ts';
import { misfitsHere } from './listening.ts';

/** Summary of a good configuration. */
interface Checked {
  ok: true;
  file: string;
  hides: string[];
  knock_ports: readonly number[];
  clients: number;
  fwknop: number;
  sequences: number;
  /** Hidden ports that nothing listens on, commands that nothing can run, and the like. */
  misfits: string[];
}

/**
 * Reads everything that `run` would read, and changes nothing.
 * @param readyKeys tries the keys of stanzas for fwknop
 */
export async function check(
  paths: Paths,
  readyKeys: (stanzas: LoadedGate['fwknop']) => Promise<unknown>,
): Promise<Checked> {
  const { config, fwknop } = loadGate(nodeCrypto, paths);
  if (fwknop.length > 0) await readyKeys(fwknop);
  return {
    ok: true,
    file: paths.config,
    hides: config.gate.ports.map(formatPortRange),
    knock_ports: config.gate.knockPorts,
    clients: config.clients.length,
    fwknop: config.fwknop.length,
    sequences: config.sequences.length,
    misfits: [...misfitsHere(config.gate.ports, config.decoys), ...unitMisfits(config, existsSync(paths.actionSocket))],
  };
}

/** Commands of a configuration that nothing can run here. */
export function unitMisfits({ actions, alerts }: Pick<GateConfig, 'actions' | 'alerts'>, hasUnit: boolean): string[] {
  if (hasUnit || actions.length + alerts.length === 0) return [];
  return ['Nothing can run actions and alerts: systemctl enable --now knockgate-action.socket'];
}
