import { readFileSync } from 'node:fs';
import { sameBytes } from '../../src/base/addresses.ts';
import { equalConstantTime } from '../../src/base/bytes.ts';
import type { PacketKeys } from '../../src/fwknop/packet.ts';
import type { CryptoProvider } from '../../src/spa/crypto.ts';
import { NO_PSK, pairKeys } from '../../src/spa/outer.ts';
import { atOnce, type InSlices } from '../in-slices.ts';
import { replaceFile } from '../own-file.ts';
import type { Paths } from '../paths.ts';
import { configInvalid, configMissing, fileUnreadable } from '../problems.ts';
import type { ConfiguredClient } from './client-config.ts';
import type { ConfiguredFwknop } from './fwknop-config.ts';
import { type GateConfig, readGateConfig } from './gate-config.ts';
import { Kept } from './kept.ts';
import {
  type GpgTexts,
  machineMark,
  type PreviousKey,
  readFwknopKeys,
  readGateKey,
  readPreviousKey,
  readPsk,
} from './keys.ts';
import type { LoadedClient } from './loaded-client.ts';
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

/** Called for each part that the gate skips, with the reason. May throw the error if the gate needs that part. */
export type Skip = (what: string, error: unknown) => void;

/**
 * Reads gate.toml, the gate's key and every psk.
 * @param skip called for a stanza of fwknop or a previous key that cannot be read and is skipped
 * @throws Problem; nothing is changed by a failure
 */
export function loadGate(crypto: CryptoProvider, paths: Paths, skip?: Skip): LoadedGate {
  return atOnce(loadingGate(crypto, paths, new Kept(), skip));
}

/**
 * As `loadGate`, in slices.
 * @param kept what was read and derived before; does not do it again where nothing has changed
 */
export function* loadingGate(crypto: CryptoProvider, paths: Paths, kept: Kept, skip?: Skip): InSlices<LoadedGate> {
  return yield* derive(crypto, paths, { text: readConfigText(paths.config), file: paths.config }, kept, skip);
}

/**
 * Reads the given text as `loadGate` reads gate.toml, with every key that it names.
 * @param skip as for `loadGate`
 * @throws Problem, as `loadGate`
 */
export function loadText(crypto: CryptoProvider, paths: Paths, text: string, kept: Kept, skip?: Skip): LoadedGate {
  return atOnce(derive(crypto, paths, { text, file: paths.config }, kept, skip));
}

/**
 * Loads the last good configuration, for a start with a broken one; undefined when there is none.
 * @param skip as for `loadGate`
 */
export function loadLastGood(
  crypto: CryptoProvider,
  paths: Paths,
  skip?: Skip,
  kept = new Kept(),
): LoadedGate | undefined {
  let text: string;
  try {
    text = readFileSync(paths.lastGood, 'utf8');
  } catch {
    return undefined;
  }
  return atOnce(derive(crypto, paths, { text, file: paths.lastGood }, kept, skip));
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

/** A text, and the name of its file in errors. */
interface Source {
  readonly text: string;
  readonly file: string;
}

function* derive(
  crypto: CryptoProvider,
  paths: Paths,
  { text, file }: Source,
  kept: Kept,
  skip?: Skip,
): InSlices<LoadedGate> {
  const own = yield* readGateConfig(text, file, kept);
  const config = kept.fleet?.withClients(own) ?? own;
  if (config.alertFaults.length > 0) {
    const next = 'See [[alert]] in gate.toml(5).';
    if (skip === undefined) throw configInvalid(config.alertFaults, next);
    for (const fault of config.alertFaults) skip('an [[alert]]', configInvalid([fault], next));
  }
  const { derived } = kept;
  const privateKey = derived.gateKeyLike(readGateKey(paths.key, machineMark()));
  const previous = readOrSkip(skip, 'the previous key', () => readPreviousKey(paths.previousKey));
  const profiles = profilesOf(config);
  const known = derived.of(privateKey);
  const present = new Map<ConfiguredClient, LoadedClient>();
  for (const client of config.clients) {
    const psk = client.pskFile === undefined ? undefined : readPsk(client.pskFile);
    const sequenceKey = client.sequenceKeyFile === undefined ? undefined : readPsk(client.sequenceKeyFile);
    const profile = client.strict ? undefined : profiles.get(profileName(client.ports))?.number;
    const same = known.get(client);
    const isSame = same?.profile === profile && sameSecret(same?.pair.psk, psk ?? NO_PSK);
    if (same !== undefined && isSame && sameSecret(same.sequenceKey, sequenceKey)) present.set(client, same);
    else {
      const pair = pairKeys(crypto, 'gate', privateKey, client.key, psk);
      present.set(client, { policy: client, pair, profile, sequenceKey });
      yield;
    }
    if (psk !== undefined || sequenceKey !== undefined) yield;
  }
  derived.keep(privateKey, present);
  const isRotating = previous !== undefined && !sameBytes(previous.key, privateKey);
  const before = isRotating ? yield* deriveBefore(crypto, kept, present, previous) : [];
  if (!isRotating) derived.keepPrevious(undefined, new Map());
  const fwknop = config.fwknop.flatMap((stanza) => {
    const keys = readOrSkip(skip, `[[fwknop]] ${stanza.name}`, () => readFwknopKeys(stanza));
    return keys === undefined ? [] : [{ ...stanza, keys }];
  });
  return {
    config,
    text,
    privateKey,
    clients: [...present.values(), ...before],
    fwknop,
    previousKeyUntil: previous?.until,
  };
}

/** The same clients under the gate's previous key. */
function* deriveBefore(
  crypto: CryptoProvider,
  { derived }: Kept,
  present: ReadonlyMap<ConfiguredClient, LoadedClient>,
  previous: PreviousKey,
): InSlices<readonly LoadedClient[]> {
  const known = derived.ofPrevious(previous);
  const before = new Map<LoadedClient, LoadedClient>();
  for (const client of present.values()) {
    const same = known.get(client);
    before.set(client, same ?? withPreviousKey(crypto, client, previous));
    if (same === undefined) yield;
  }
  derived.keepPrevious(previous, before);
  return [...before.values()];
}

function sameSecret(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && equalConstantTime(a, b));
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
function withPreviousKey(crypto: CryptoProvider, client: LoadedClient, { key, until }: PreviousKey): LoadedClient {
  const { policy, pair, profile } = client;
  return {
    profile,
    policy: { ...policy, notAfter: Math.min(policy.notAfter ?? until, until) },
    pair: pairKeys(crypto, 'gate', key, pair.clientPublic, pair.psk),
    previousPrivate: key,
    sequenceKey: undefined,
  };
}
