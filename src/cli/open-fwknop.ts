import { createConnection } from 'node:net';
import { dirname, resolve } from 'node:path';
import type { FwknopFileHost } from '../client/fwknop/host.ts';
import { sendOverTcp } from '../client/fwknop/knock.ts';
import { openFwknopHost } from '../client/fwknop/open.ts';
import { fwknopKeysMalformed } from '../client/fwknop/problems.ts';
import { readOwnText } from '../client/identity.ts';
import type { KnockResult } from '../client/knock-and-wait.ts';
import { nodeFwknopCrypto } from '../fwknop/crypto-node.ts';
import { type FwknopSecrets, parseKeyFile } from '../fwknop/key-file.ts';
import type { Opening } from './open-host.ts';
import { hostsPath } from './places.ts';
import type { Shell } from './shell.ts';

const sendTcp = sendOverTcp((host, port) => createConnection({ host, port }));

/** `openHost` for a host behind fwknopd. */
export function openFwknop(host: FwknopFileHost, opening: Opening, shell: Shell): Promise<KnockResult> {
  const secrets = readKeys(host, shell);
  const ports = opening.ports(host);
  const probePort = opening.probePort ?? ports.find(({ protocol }) => protocol === 'tcp')?.port;
  const how = { user: shell.userName, probePort, timeoutMs: opening.timeoutMs };
  const io = { ...shell, crypto: nodeFwknopCrypto, sendTcp };
  return openFwknopHost({ ...host, ports }, secrets, how, io, shell.signal);
}

/** A host with HMAC must have a key for it, and one without must not: one of the two is not meant. */
function readKeys(host: FwknopFileHost, shell: Shell): FwknopSecrets {
  const path = resolve(dirname(hostsPath(shell)), host.keyFile);
  const secrets = parseKeyFile(readOwnText(path, shell.uid) ?? '');
  if (secrets === undefined || (secrets.hmacKey === undefined) !== (host.hmac === undefined))
    throw fwknopKeysMalformed(path);
  return secrets;
}
