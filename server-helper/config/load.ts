import { readFileSync } from 'node:fs';
import { sameBytes } from '../../src/base/addresses.ts';
import type { PacketKeys } from '../../src/fwknop/packet.ts';
import type { CryptoProvider } from '../../src/spa/crypto.ts';
import { pairKeys } from '../../src/spa/outer.ts';
import { replaceFile } from '../own-file.ts';
import type { Paths } from '../paths.ts';
import { configMissing, fileUnreadable } from '../problems.ts';
import type { KnownClient } from '../verify/known-client.ts';
import type { ConfiguredClient } from './client-config.ts';
import type { ConfiguredFwknop } from './fwknop-config.ts';
import { type GateConfig, parseGateConfig } from './gate-config.ts';
import {
  type GpgTexts,
  machineMark,
  type PreviousKey,
  readFwknopKeys,
  readGateKey,
  readPreviousKey,
  readPsk,
} from './keys.ts';
import { profileName, profilesOf } from './profiles.ts';

/** A configuration with everything that it names, read and derived. The gate runs on it. */
export interface LoadedGate {
  readonly config: GateConfig;
  /** Text of gate.toml. */
  readonly text: string;
  readonly privateKey: Uint8Array;
  /** During a rotation every client is listed twice: under the new gate key and under the previous one. */
  readonly clients: readonly LoadedClient[];
  readonly fwknop: readonly KnownFwknop[];
  /**
   * Unix milliseconds at which the previous gate key ends, possibly in the past. Undefined when there is no previous key.
   */
  readonly previousKeyUntil?: number | undefined;
}

/** A stanza with the keys that it names. */
export type KnownFwknop = ConfiguredFwknop & { readonly keys: PacketKeys | GpgTexts };

/** A client with its derived keys, and the key of its one-time sequences if it may use them. */
export interface LoadedClient extends KnownClient {
  readonly policy: ConfiguredClient;
  readonly sequenceKey: Uint8Array | undefined;
}

/** Called for each part that the gate skips, with the reason. May throw the error if the gate needs that part. */
export type Skip = (what: string, error: unknown) => void;

/**
 * Reads gate.toml, the gate's key and every psk.
 * @param skip called for a stanza of fwknop or a previous key that cannot be read and is skipped
 * @throws Problem; nothing is changed by a failure
 */
export function loadGate(crypto: CryptoProvider, paths: Paths, skip?: Skip): LoadedGate {
  return derive(crypto, paths, readConfigText(paths.config), paths.config, skip);
}

/**
 * Reads the given text as `loadGate` reads gate.toml, with every key that it names.
 * @param skip as for `loadGate`
 * @throws Problem, as `loadGate`
 */
export function loadText(crypto: CryptoProvider, paths: Paths, text: string, skip?: Skip): LoadedGate {
  return derive(crypto, paths, text, paths.config, skip);
}

/**
 * Loads the last good configuration, for a start with a broken one; undefined when there is none.
 * @param skip as for `loadGate`
 */
export function loadLastGood(crypto: CryptoProvider, paths: Paths, skip?: Skip): LoadedGate | undefined {
  let text: string;
  try {
    text = readFileSync(paths.lastGood, 'utf8');
  } catch {
    return undefined;
  }
  return derive(crypto, paths, text, paths.lastGood, skip);
}

/**
 * Keeps a copy of the configuration in force. It writes the text that was read, since the file may have changed meanwhile.
 * If the disk cannot be written, the previous copy stays.
 */
export function keepLastGood(paths: Paths, { text }: LoadedGate): void {
  try {
    replaceFile(paths.lastGood, text, 0o600);
  } catch {
    // The previous one stays.
  }
}

/** @throws Problem `config-missing` or `file-unreadable` */
export function readConfigText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw missing ? configMissing(path) : fileUnreadable(path, error);
  }
}

function derive(crypto: CryptoProvider, paths: Paths, text: string, file: string, skip?: Skip): LoadedGate {
  const config = parseGateConfig(text, file);
  const privateKey = readGateKey(paths.key, machineMark());
  const previous = readOrSkip(skip, 'the previous key', () => readPreviousKey(paths.previousKey));
  const profiles = profilesOf(config);
  const present = config.clients.map((client) => {
    const psk = client.pskFile === undefined ? undefined : readPsk(client.pskFile);
    const sequenceKey = client.sequenceKeyFile === undefined ? undefined : readPsk(client.sequenceKeyFile);
    const pair = pairKeys(crypto, 'gate', privateKey, client.key, psk);
    const profile = client.strict ? undefined : profiles.get(profileName(client.ports))?.number;
    return { policy: client, pair, profile, sequenceKey };
  });
  const isRotating = previous !== undefined && !sameBytes(previous.key, privateKey);
  const clients = isRotating ? [...present, ...present.map((client) => asBefore(crypto, client, previous))] : present;
  const fwknop = config.fwknop.flatMap((stanza) => {
    const keys = readOrSkip(skip, `[[fwknop]] ${stanza.name}`, () => readFwknopKeys(stanza));
    return keys === undefined ? [] : [{ ...stanza, keys }];
  });
  return { config, text, privateKey, clients, fwknop, previousKeyUntil: previous?.until };
}

function readOrSkip<Part>(skip: Skip | undefined, what: string, read: () => Part): Part | undefined {
  try {
    return read();
  } catch (error) {
    if (skip === undefined) throw error;
    skip(what, error);
    return undefined;
  }
}

/** A client that still uses the previous gate key. One-time sequences do not depend on the gate's key. */
function asBefore(crypto: CryptoProvider, client: LoadedClient, { key, until }: PreviousKey): LoadedClient {
  const { policy, pair, profile } = client;
  return {
    profile,
    policy: { ...policy, notAfter: Math.min(policy.notAfter ?? until, until) },
    pair: pairKeys(crypto, 'gate', key, pair.clientPublic, pair.psk),
    previousPrivate: key,
    sequenceKey: undefined,
  };
}
