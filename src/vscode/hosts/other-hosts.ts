import { createConnection } from 'node:net';
import { userInfo } from 'node:os';
import { phrase } from '../../base/phrase.ts';
import type { OtherSubject } from '../../client/diagnose/diagnose-other.ts';
import { type FwknopHost, GPG_MODE } from '../../client/fwknop/host.ts';
import { USUAL_TIMEOUT_MS } from '../../client/gate/knock-and-wait.ts';
import type { KnockIo } from '../../client/gate/knock-io.ts';
import { type OpenOther, type OtherHost, portToWaitFor } from '../../client/hosts/any-host.ts';
import type { Resolve } from '../../client/network/resolve.ts';
import type { SequenceHost } from '../../client/sequence/host.ts';
import { openSequenceHost } from '../../client/sequence/open.ts';
import { parseKeyFile } from '../../fwknop/key-file.ts';
import { ONE_TIME_PORTS } from '../../sequence/one-time.ts';
import { parseSecretKey } from '../../spa/keys.ts';
import type { GpgKeys } from '../keys/gpg-keys.ts';
import type { HostSecrets } from '../keys/host-secrets.ts';
import { loadFwknop } from '../knock/load-fwknop.ts';
import { hostKeysBroken, sequenceKeyBroken } from '../problems.ts';

/** What knocks at hosts of other kinds need from outside. */
export interface OtherIo extends KnockIo {
  readonly resolve: Resolve;
  readonly hostSecrets: HostSecrets;
  readonly gpgKeys: GpgKeys;
}

/** fwknopd's own FW_ACCESS_TIMEOUT. */
const USUAL_FWKNOP_MS = 30_000;
/** A gate's own `grant`. How long knockd leaves a door open, only its configuration says. */
const USUAL_SEQUENCE_MS = 30_000;

/** Says what opens a host of another kind than ours. */
export function othersFinder(io: OtherIo): (host: OtherHost) => Promise<OpenOther> {
  return (host) => (host.kind === 'fwknop' ? readyFwknop(host, io) : readySequence(host, io));
}

async function readyFwknop(host: FwknopHost, io: OtherIo): Promise<OpenOther> {
  const [fwknop, secrets] = await Promise.all([loadFwknop(), fwknopSecrets(host, io)]);
  const crypto = fwknop.nobleFwknopCrypto(io.crypto.randomBytes);
  const sendTcp = fwknop.sendOverTcp((address, port) => createConnection({ host: address, port }));
  const outside = { ...io, crypto, sendTcp };
  return async ({ sshPort }, signal) => {
    const how = { user: ownName(), probePort: portToWaitFor(host, sshPort), timeoutMs: USUAL_TIMEOUT_MS };
    const result = await fwknop.openFwknopHost(host, secrets, how, outside, signal);
    return { result, openMs: host.duration * 1000 || USUAL_FWKNOP_MS };
  };
}

async function readySequence(host: SequenceHost, io: OtherIo): Promise<OpenOther> {
  const key = host.sequence.kind === 'fixed' ? undefined : await sequenceKey(host.name, io.hostSecrets);
  return async ({ sshPort, force }, signal) => {
    const how = { probePort: portToWaitFor(host, sshPort), force, timeoutMs: USUAL_TIMEOUT_MS };
    return { result: await openSequenceHost(host, key, how, io, signal), openMs: USUAL_SEQUENCE_MS };
  };
}

/**
 * The key of a host that opens to one-time sequences.
 * @throws Problem: those of `HostSecrets`; `key-malformed`
 */
async function sequenceKey(name: string, hostSecrets: Pick<HostSecrets, 'load'>): Promise<Uint8Array> {
  const key = parseSecretKey(await hostSecrets.load(name));
  if (key === undefined) throw sequenceKeyBroken(name);
  return key;
}

/**
 * The keys of a host behind fwknopd.
 * @throws Problem: those of `HostSecrets`; `key-malformed`; in GnuPG's mode those of `GpgKeys`
 */
async function fwknopSecrets(host: FwknopHost, { hostSecrets, gpgKeys }: Pick<OtherIo, 'hostSecrets' | 'gpgKeys'>) {
  if (host.mode === GPG_MODE) return await gpgKeys.open(host);
  const secrets = parseKeyFile(await hostSecrets.load(host.name));
  // A host with HMAC must have a key for it, and one without must not: one of the two is not meant.
  if (secrets === undefined || (secrets.hmacKey === undefined) !== (host.hmac === undefined))
    throw hostKeysBroken(host.name);
  return secrets;
}

/** What a client calls itself to fwknopd; a user without an entry in the password file has no name. */
function ownName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'user';
  }
}

/** Where the first packet to a host goes, and what a diagnosis is to say of what it finds on the way. */
export function otherFacts(host: OtherHost): Pick<OtherSubject, 'knockPort' | 'words'> {
  const haveKeys = phrase('There are keys. Whether they are those of the server shows when it opens.');
  const timeTaken = phrase('The server took the time of our knock.');
  if (host.kind === 'fwknop') {
    const clock = phrase('fwknopd takes packets that are up to two minutes off, unless it is set otherwise.');
    const keys =
      host.mode === GPG_MODE
        ? phrase('There are OpenPGP keys, and they can be used. Whether the server knows yours shows when it opens.')
        : haveKeys;
    return { knockPort: host.knockPort, words: { keys, clock, opened: timeTaken } };
  }
  if (host.sequence.kind === 'one-time') {
    const clock = phrase('A gate takes a one-time sequence when the clocks are at most a minute apart.');
    return { knockPort: ONE_TIME_PORTS.first, words: { keys: haveKeys, clock, opened: timeTaken } };
  }
  const keys = phrase('It takes none: anybody who knows the steps can knock.');
  const clock = phrase('It does not count for a fixed sequence.');
  return { knockPort: host.sequence.steps[0]?.port ?? 0, words: { keys, clock, opened: clock } };
}
