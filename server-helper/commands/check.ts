import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import { formatPortRange } from '../../src/spa/ports.ts';
import { loadGate } from '../config/load.ts';
import type { Paths } from '../paths.ts';

/** Reads everything that `run` would, and changes nothing. */
export function check(paths: Paths): {
  ok: true;
  file: string;
  hides: string[];
  knock_ports: readonly number[];
  clients: number;
} {
  const { config } = loadGate(nodeCrypto, paths);
  return {
    ok: true,
    file: paths.config,
    hides: config.gate.ports.map(formatPortRange),
    knock_ports: config.gate.knockPorts,
    clients: config.clients.length,
  };
}
