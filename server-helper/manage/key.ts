import { existsSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { formatAddress, isGlobal, isUnicast, parseAddress } from '../../src/base/addresses.ts';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import { formatGateLine, parseGateLine, parseHost, parseName } from '../../src/spa/enrolment.ts';
import { formatGateLink } from '../../src/spa/enrolment-link.ts';
import { parseGateConfig } from '../config/gate-config.ts';
import { adoptGateKey, forgetPreviousKey, machineMark, makeGateKey, readGateKey } from '../config/keys.ts';
import { readConfigText } from '../config/load.ts';
import { tellDaemon } from '../control/client.ts';
import type { Paths } from '../paths.ts';
import { notInForce, usage } from '../problems.ts';

export interface KeyOptions {
  /** Comma-separated; default: the addresses of this machine. */
  readonly address: string | undefined;
  readonly name: string | undefined;
  /** Replace the key: every client then needs the new line. */
  readonly makeNew: boolean;
  readonly adopt: boolean;
}

/** Line that clients paste. Makes the key when there is none. */
export function key(paths: Paths, options: KeyOptions): { line: string; made: boolean } {
  const { gate } = parseGateConfig(readConfigText(paths.config), paths.config);
  const made = options.makeNew || !existsSync(paths.key);
  const privateKey = keyFor(paths, options, made);
  const addresses =
    options.address === undefined ? ownAddresses() : options.address.split(',').map((text) => parseHost(text));
  if (addresses.length === 0) throw usage('This machine has no address of its own to offer: name one with --address.');
  const line = formatGateLine({
    key: nodeCrypto.publicKey(privateKey),
    slots: gate.slots,
    addresses,
    knockPorts: gate.knockPorts,
    name: options.name === undefined ? ownName() : parseName(options.name),
  });
  return { line, made };
}

/** Link of a gate's line. It opens the editor, which shows the line and asks whether to add it. */
export function linkOf(line: string): string {
  return formatGateLink(parseGateLine(line));
}

/**
 * Tells a running daemon to read the present keys.
 * @returns the gate's line, and whether a daemon runs
 * @throws Problem `not-in-force`
 */
export async function bringIntoForce(
  paths: Paths,
  options: Pick<KeyOptions, 'address' | 'name'>,
): Promise<{ line: string; reloaded: boolean }> {
  const { line } = key(paths, { ...options, makeNew: false, adopt: false });
  try {
    return { line, reloaded: await tellDaemon(paths.socket, { command: 'reload' }) };
  } catch (error) {
    throw notInForce(paths.key, error);
  }
}

function keyFor(paths: Paths, options: KeyOptions, made: boolean): Uint8Array {
  const machine = machineMark();
  if (made) {
    // A key that was copied along with its machine must not open here either.
    forgetPreviousKey(paths.previousKey);
    return makeGateKey(nodeCrypto, paths.key, machine, options.makeNew);
  }
  return options.adopt ? adoptGateKey(paths.key, machine) : readGateKey(paths.key, machine);
}

/** Addresses by which others reach this machine: the global ones; in a private network the private ones. */
export function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, scopeid }) => !internal && !scopeid)
    .flatMap(({ address }) => parseAddress(address) ?? [])
    .filter(isUnicast);
  const global = all.filter(isGlobal);
  return [...new Set((global.length > 0 ? global : all).map(formatAddress))];
}

function ownName(): string {
  return (
    hostname()
      .replace(/[^A-Za-z0-9._-]/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 63) || 'gate'
  );
}
