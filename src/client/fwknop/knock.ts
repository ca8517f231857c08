import type { Socket } from 'node:net';
import type { Address } from '../../base/addresses.ts';
import { utf8 } from '../../base/bytes.ts';
import type { FwknopCrypto } from '../../fwknop/crypto.ts';
import { sealGpgPacket } from '../../fwknop/gpg-packet.ts';
import type { FwknopSecrets } from '../../fwknop/key-file.ts';
import type { FwknopAsk } from '../../fwknop/message.ts';
import { sealPacket } from '../../fwknop/packet.ts';
import type { PacketHmac } from '../../fwknop/packet-text.ts';
import { encodePlaintext } from '../../fwknop/plaintext.ts';
import { randomDigits } from '../../fwknop/random.ts';
import { ownSource } from '../network/own-source.ts';
import type { OpenUdpRoute } from '../network/udp.ts';
import type { GpgSecrets } from './gpg-secrets.ts';
import { type FwknopHost, GPG_MODE } from './host.ts';
import { gpgCannotSeal, gpgPacketTooLong, packetTooLong, sourceUnknown } from './problems.ts';

/** Sends bytes over a connection of its own, and closes it. Rejects with the system's error. */
export type SendTcp = (address: string, port: number, bytes: Uint8Array) => Promise<void>;

export interface FwknopSendIo {
  readonly crypto: FwknopCrypto;
  readonly openRoute: OpenUdpRoute;
  readonly sendTcp: SendTcp;
}

/** Version of fwknop's protocol that packets name. */
const VERSION = '3.0.0';
/** Length from which fwknopd takes a packet for one of GnuPG. */
const TOO_LONG = 400;
/** Longest packet that fwknopd reads. */
const LONGEST_OF_GPG = 1500;

/**
 * Sends one packet of fwknop.
 * @param address of the server, IPv4
 * @param user name that the packet gives
 * @param wallMs unix milliseconds by the server's clock
 * @throws Problem `fwknop-source-unknown`, `fwknop-packet-too-long`, `fwknop-gpg-key-unusable`; the system's error when it cannot
 * be sent
 */
export async function sendFwknopKnock(
  host: FwknopHost,
  secrets: FwknopSecrets | GpgSecrets,
  address: string,
  user: string,
  wallMs: number,
  io: FwknopSendIo,
): Promise<void> {
  const route = await io.openRoute(address, host.knockPort);
  try {
    const [ask, source] = [askOf(host, address), sourceOf(host, address, route.localAddress)];
    const packet = await makePacket(host, secrets, ask, source, user, wallMs, io.crypto);
    if (host.carrier === 'udp') await route.send(utf8(packet));
    else await io.sendTcp(address, host.knockPort, utf8(host.carrier === 'http' ? asRequest(packet, address) : packet));
  } finally {
    route.close();
  }
}

async function makePacket(
  host: FwknopHost,
  secrets: FwknopSecrets | GpgSecrets,
  ask: FwknopAsk,
  source: Address | undefined,
  user: string,
  wallMs: number,
  crypto: FwknopCrypto,
): Promise<string> {
  const message = {
    random: randomDigits(crypto),
    user,
    timestamp: Math.floor(wallMs / 1000),
    version: VERSION,
    source,
    ask,
    serverAuth: undefined,
    timeout: ask.kind === 'command' ? 0 : host.duration,
  };
  const { hmacKey } = secrets;
  const hmac = host.hmac === undefined || hmacKey === undefined ? undefined : { digest: host.hmac, key: hmacKey };
  const plaintext = encodePlaintext(crypto, message, host.digest);
  if ('pgp' in secrets) return await sealByGpg(host.name, secrets, hmac, plaintext, wallMs, crypto);
  if (host.mode === GPG_MODE) throw new RangeError('a key of Rijndael for a host in GnuPG’s mode');
  const packet = sealPacket(crypto, { key: secrets.key, mode: host.mode, hmac }, plaintext);
  if (packet.length >= TOO_LONG) throw packetTooLong(host.name, packet.length);
  return packet;
}

async function sealByGpg(
  name: string,
  { pgp, sealing }: GpgSecrets,
  hmac: PacketHmac | undefined,
  plaintext: Uint8Array,
  wallMs: number,
  crypto: FwknopCrypto,
): Promise<string> {
  let packet: string;
  try {
    packet = await sealGpgPacket(crypto, pgp, sealing, hmac, plaintext, new Date(wallMs));
  } catch (error) {
    throw gpgCannotSeal(name, error);
  }
  if (packet.length >= LONGEST_OF_GPG) throw gpgPacketTooLong(name, packet.length);
  return packet;
}

function askOf({ ports, forward, command }: FwknopHost, server: string): FwknopAsk {
  if (command !== undefined) return { kind: 'command', command };
  if (forward === undefined) return { kind: 'access', ports };
  const target = { host: forward.host ?? server, port: forward.port };
  return { kind: 'nat', local: forward.host === undefined, ports, target };
}

/** Request that carries a packet (fwknop(8), `--server-proto http`). Characters of base64 that a path cannot have are replaced. */
function asRequest(packet: string, server: string): string {
  const path = packet.replaceAll('+', '-').replaceAll('/', '_');
  const headers = [`User-Agent: Fwknop/${VERSION}`, 'Accept: */*', `Host: ${server}`, 'Connection: close'];
  return [`GET /${path} HTTP/1.1`, ...headers, '', ''].join('\r\n');
}

/** Source that a packet names. fwknop's own client asks a web page for its address, and believes it. */
function sourceOf(host: FwknopHost, server: string, local: string): Address | undefined {
  if (host.source === 'seen') return undefined;
  if (host.source !== 'own') return host.source;
  const own = ownSource(local, server);
  if (own === undefined) throw sourceUnknown(host.name, local);
  return own;
}

/** Opens a connected socket for `SendTcp`. */
export type Connect = (address: string, port: number) => Socket;

/** Sends a packet over TCP. fwknopd reads it off the wire, whether or not anything listens. */
export function sendOverTcp(connect: Connect): SendTcp {
  return (address, port, bytes) =>
    new Promise((resolve, reject) => {
      const socket = connect(address, port);
      socket.once('error', reject);
      socket.once('connect', () => socket.end(bytes, () => resolve()));
    });
}
