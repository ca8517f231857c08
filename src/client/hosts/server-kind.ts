import type { Phrase } from '../../base/phrase.ts';
import type { RequestedPort } from '../../base/ports.ts';
import type { FwknopCrypto } from '../../fwknop/crypto.ts';
import type { GpgSecrets } from '../fwknop/gpg-secrets.ts';
import type { FwknopHost, RawCarrier } from '../fwknop/host.ts';
import type { Host } from '../gate/host.ts';
import type { KnockOptions, KnockResult } from '../gate/knock-and-wait.ts';
import type { KnockIo } from '../gate/knock-io.ts';
import type { Ping } from '../network/ping.ts';
import type { Resolve } from '../network/resolve.ts';
import type { OpenUdpRoute } from '../network/udp.ts';
import type { HostsKind } from './host-fields.ts';

/** Fields of every host, whatever its server is. */
export interface ServerHost {
  /** As in a hosts file. */
  readonly kind: string;
  readonly name: string;
  /** Ports that a knock asks for, or opens; empty where the server decides. */
  readonly ports: readonly RequestedPort[];
}

/**
 * A kind of server that can be knocked at: everything that differs between kinds in the client, for the command line and the
 * editor. registry.ts lists them.
 */
export interface ServerKind<H extends ServerHost> {
  readonly kind: H['kind'];
  /**
   * Reads the fields of one host, strictly.
   * @param place what the host is called in errors
   * @param from the file of the command line, or the setting of the editor
   * @throws Problem `hosts-file-invalid` that names the host and the field
   */
  parse(name: string, fields: unknown, place: string, from: HostsKind): H;
  /** Addresses and names to knock at, as they are configured. */
  addressesOf(host: H): readonly string[];
  /** Addresses and names by which a person may mean this host. */
  foundAt(host: H): readonly string[];
  /** Whether server and device share keys, which a person has to enter here. */
  sharesKeys(host: H): boolean;
  /** Describes how it is knocked at: `UDP 443, 62201`, `fixed sequence`. */
  how(host: H): Phrase;
  /** Writes one line for `knockgate list`. */
  describe(host: H): string;
  /** Fields of the host, as in a hosts file. */
  fieldsOf(host: H): Record<string, unknown>;
  /**
   * Finds everything that a knock needs: keys, code, addresses.
   * @throws Problem: those of `KeySource`, `name-not-found`, `cancelled`
   */
  prepare(host: H, keys: KeySource, io: OpenIo, signal: AbortSignal): Promise<Open>;
  /** Words for the diagnosis of a knock; undefined for a gate, whose diagnosis knows every step. */
  diagnosis(host: H): DiagnosisWords | undefined;
}

/** Words for servers of which only an open port can be seen. */
export interface DiagnosisWords {
  /** Port that the first packet goes to. */
  readonly knockPort: number;
  readonly keys: Phrase;
  /** Words about the clock, before a knock and once it has opened. */
  readonly clock: Phrase;
  readonly opened: Phrase;
  /** Whether a knock runs a command: it is not tried, since nothing would show. */
  readonly runsCommand?: boolean;
}

export interface OpenRequest extends KnockOptions {
  /** Ports to ask for instead of the host's own. */
  readonly ports?: readonly RequestedPort[] | undefined;
  /** Name of an action of a gate. */
  readonly action?: string | undefined;
  /** TCP port of ssh, to wait for; undefined when it is unknown. */
  readonly sshPort: number | undefined;
}

/**
 * Knocks, and waits until the port opens.
 * @throws Problem, those of its kind; `cancelled`
 */
export type Open = (request: OpenRequest, signal: AbortSignal) => Promise<Opened>;

export interface Opened {
  readonly result: KnockResult;
  /** Unix milliseconds until which new connections are let in, as far as this device knows. */
  readonly untilMs: number;
}

/** Everything that reaches outside. */
export interface OpenIo extends KnockIo {
  readonly resolve: Resolve;
  readonly ping: Ping;
  readonly platform: NodeJS.Platform;
  /** Loads the code that speaks to fwknopd: a bundle of its own in the editor. */
  readonly loadFwknop: () => Promise<SpeaksFwknop>;
  /** Login name of this person. */
  readonly userName: () => string;
  /** Route for packets that are put together by hand, which systems let only root send; undefined for other users. */
  readonly rawRoute?: (carrier: RawCarrier) => OpenUdpRoute;
  /** Notes moments, for measurements. */
  readonly mark?: (moment: 'keys derived' | 'address known') => void;
}

/** Functions that make and send fwknop's packets, with a provider of its cryptography. */
export interface SpeaksFwknop extends Pick<typeof import('../fwknop/main.ts'), 'openFwknopHost' | 'sendTcp'> {
  readonly crypto: FwknopCrypto;
}

/** Key of this device that a gate may know. */
export interface ClientKey {
  readonly privateKey: Uint8Array;
  /** Pre-shared key between the gate and this client key. */
  readonly psk: Uint8Array | undefined;
  /** Called when the gate has opened to this key, after it was silent to the previous ones. */
  readonly opened: () => Promise<void>;
}

/** Source of keys: files for the command line, secret storage in the editor. Each rejects with a Problem of its own. */
export interface KeySource {
  /** Client keys in the order to try them; one at least. */
  clientKeys(host: Host): Promise<readonly ClientKey[]>;
  /**
   * Text of the keys that a server and this device share.
   * @param file path in the hosts file
   */
  sharedKeys(host: ServerHost, file: string | undefined): Promise<SharedKeys>;
  /** OpenPGP keys for fwknopd, unlocked. */
  gpgKeys(host: FwknopHost): Promise<GpgSecrets>;
}

export interface SharedKeys {
  readonly text: string;
  /** Path of the file, for errors; undefined for secret storage. */
  readonly file: string | undefined;
}

/** Default time of an open port: `grant` of a gate, FW_ACCESS_TIMEOUT of fwknopd. knockd has none. */
export const USUAL_OPEN_MS = 30_000;
