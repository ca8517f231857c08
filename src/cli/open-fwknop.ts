import { readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { dirname, resolve } from 'node:path';
import { parseAddress } from '../base/addresses.ts';
import type { GpgFiles } from '../client/fwknop/gpg-files.ts';
import { type GpgSecrets, openGpgSecrets } from '../client/fwknop/gpg-secrets.ts';
import { type FwknopFileHost, isRaw, type RawCarrier } from '../client/fwknop/host.ts';
import { sendOverTcp } from '../client/fwknop/knock.ts';
import { openFwknopHost } from '../client/fwknop/open.ts';
import { fwknopKeysMalformed, gpgHmacKeyMalformed } from '../client/fwknop/problems.ts';
import { PROTOCOL, rawSegment } from '../client/fwknop/raw-packet.ts';
import type { KnockResult } from '../client/gate/knock-and-wait.ts';
import { readOwnText } from '../client/keys/identity.ts';
import type { OpenUdpRoute } from '../client/network/udp.ts';
import { fileUnusable } from '../client/problems.ts';
import type { Digest } from '../fwknop/algorithms.ts';
import { nodeFwknopCrypto } from '../fwknop/crypto-node.ts';
import { type FwknopSecrets, parseHmacKeyFile, parseKeyFile } from '../fwknop/key-file.ts';
import { systemErrorCode } from '../os/system-error.ts';
import type { Opening } from './opening.ts';
import { hostsPath } from './places.ts';
import { sendRaw } from './raw-socket.ts';
import type { Shell } from './shell.ts';
import { sudoInvoker } from './sudo.ts';
import { Terminal } from './terminal.ts';

const sendTcp = sendOverTcp((host, port) => createConnection({ host, port }));
/** A private key of RSA-4096 with some subkeys and signatures of others, in bytes. */
const LONGEST_GPG_KEY = 100_000;

/** `openHost` for a host behind fwknopd. */
export async function openFwknop(host: FwknopFileHost, opening: Opening, shell: Shell): Promise<KnockResult> {
  const secrets = host.gpg === undefined ? readKeys(host, shell) : await readGpg(host, host.gpg, shell);
  const ports = opening.ports(host);
  const probePort = opening.probePort ?? ports.find(({ protocol }) => protocol === 'tcp')?.port;
  // As fwknop's own client does, which asks who has logged in.
  const user = sudoInvoker(shell)?.name ?? shell.userName();
  const how = { user, probePort, timeoutMs: opening.timeoutMs };
  const { carrier } = host;
  // A packet that is put together by hand goes by a route as a datagram does.
  const [over, openRoute] = isRaw(carrier)
    ? (['udp', rawRoute(carrier, shell)] as const)
    : ([carrier, shell.openRoute] as const);
  const io = { ...shell, openRoute, crypto: nodeFwknopCrypto, sendTcp };
  return await openFwknopHost({ ...host, carrier: over, ports }, secrets, how, io, shell.signal);
}

/** The route that the system would take, with a raw socket on it. */
function rawRoute(carrier: RawCarrier, { openRoute, crypto, env }: Shell): OpenUdpRoute {
  return async (address, port) => {
    const { localAddress, close } = await openRoute(address, port);
    const [from, to] = [fourBytes(localAddress), fourBytes(address)];
    const send = async (packet: Uint8Array) => {
      const segment = rawSegment(carrier, { from, to, port }, packet, crypto.randomBytes(6));
      await sendRaw({ from, to, protocol: PROTOCOL[carrier], segment }, env.PATH);
    };
    return { localAddress, send, close };
  };
}

/** Of an address of IPv4, which is all that fwknop knocks at. */
function fourBytes(address: string): Uint8Array {
  return (parseAddress(address) ?? new Uint8Array(16)).subarray(12);
}

/** Reads a file that is for its owner alone, which under sudo may be the user who ran it. */
function readOwn(path: string, shell: Shell, most?: number): string {
  const alsoUid = sudoInvoker(shell)?.uid;
  return readOwnText(path, shell.owner, { alsoUid, ...(most !== undefined && { most }) }) ?? '';
}

/** A host with HMAC must have a key for it, and one without must not: one of the two is not meant. */
function readKeys({ keyFile = '', hmac }: FwknopFileHost, shell: Shell): FwknopSecrets {
  const path = besideHosts(keyFile, shell);
  const secrets = parseKeyFile(readOwn(path, shell));
  if (secrets === undefined || (secrets.hmacKey === undefined) !== (hmac === undefined))
    throw fwknopKeysMalformed(path);
  return secrets;
}

/** The same in GnuPG's mode: its key file has the one of the HMAC alone. */
async function readGpg({ keyFile, hmac }: FwknopFileHost, files: GpgFiles, shell: Shell): Promise<GpgSecrets> {
  const hmacKey = keyFile === undefined ? undefined : readHmacKey(besideHosts(keyFile, shell), hmac, shell);
  const recipient = besideHosts(files.recipient, shell);
  const signer = files.signer === undefined ? undefined : besideHosts(files.signer, shell);
  return await openGpgSecrets({
    recipient: { name: recipient, text: readText(recipient) },
    signer: signer === undefined ? undefined : { name: signer, text: readOwn(signer, shell, LONGEST_GPG_KEY) },
    passphrase: () => passphraseOf(files, shell),
    hmacKey,
  });
}

function readHmacKey(path: string, hmac: Digest | undefined, shell: Shell): Uint8Array {
  const key = parseHmacKeyFile(readOwn(path, shell));
  if (key === undefined || hmac === undefined) throw gpgHmacKeyMalformed(path);
  return key;
}

/** From its file, or from the person at the terminal. As a `ProxyCommand` there is no terminal to ask at. */
async function passphraseOf({ signer, passphrase }: GpgFiles, shell: Shell): Promise<string | undefined> {
  if (passphrase !== undefined) {
    // What was read is bytes; a passphrase is UTF-8, as gpg takes it.
    return Buffer.from(readOwn(besideHosts(passphrase, shell), shell), 'latin1').toString('utf8');
  }
  const stdin = shell.openStdin();
  if (!('isTTY' in stdin && stdin.isTTY === true)) return undefined;
  return await new Terminal(stdin, shell.ask, shell.interrupt).secret(`Passphrase of ${signer}:`);
}

function besideHosts(file: string, shell: Shell): string {
  return resolve(dirname(hostsPath(shell)), file);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw fileUnusable(path, systemErrorCode(error) ?? 'unknown');
  }
}
