import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import { formatPortRange } from '../../src/spa/ports.ts';
import { loadGate } from '../config/load.ts';
import { loadFwknopPart } from '../parts.ts';
import type { Paths } from '../paths.ts';

/** What a good configuration comes to. */
interface Checked {
  ok: true;
  file: string;
  hides: string[];
  knock_ports: readonly number[];
  clients: number;
  fwknop: number;
  sequences: number;
}

/** Reads everything that `run` would, and changes nothing. */
export async function check(paths: Paths): Promise<Checked> {
  const { config, fwknop } = loadGate(nodeCrypto, paths);
  if (fwknop.length > 0) await (await loadFwknopPart()).readyKeys(fwknop);
  return {
    ok: true,
    file: paths.config,
    hides: config.gate.ports.map(formatPortRange),
    knock_ports: config.gate.knockPorts,
    clients: config.clients.length,
    fwknop: config.fwknop.length,
    sequences: config.sequences.length,
  };
}
