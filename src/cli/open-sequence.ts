import { dirname, resolve } from 'node:path';
import type { KnockResult } from '../client/gate/knock-and-wait.ts';
import { readSecretFile } from '../client/keys/identity.ts';
import type { SequenceHost } from '../client/sequence/host.ts';
import { openSequenceHost } from '../client/sequence/open.ts';
import type { Opening } from './opening.ts';
import { hostsPath } from './places.ts';
import type { Shell } from './shell.ts';

/** `openHost` for a host that opens to a sequence of ports. */
export function openSequence(host: SequenceHost, opening: Opening, shell: Shell): Promise<KnockResult> {
  const { sequence } = host;
  const keyFile = sequence.kind === 'one-time' ? sequence.keyFile : undefined;
  const key =
    keyFile === undefined ? undefined : readSecretFile(resolve(dirname(hostsPath(shell)), keyFile), shell.owner);
  const probePort = opening.probePort ?? opening.ports(host).find(({ protocol }) => protocol === 'tcp')?.port;
  const how = { probePort, force: opening.force, timeoutMs: opening.timeoutMs };
  return openSequenceHost(host, key, how, shell, shell.signal);
}
