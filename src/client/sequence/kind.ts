import { phrase } from '../../base/phrase.ts';
import { formatPort } from '../../base/ports.ts';
import { ONE_TIME_PORTS } from '../../sequence/one-time.ts';
import { formatKnockStep } from '../../sequence/step.ts';
import { parseSecretKey } from '../../spa/keys.ts';
import { provingPort } from '../hosts/proving-port.ts';
import { type DiagnosisWords, type KeySource, type ServerKind, USUAL_OPEN_MS } from '../hosts/server-kind.ts';
import { parseSequenceHost, type SequenceHost } from './host.ts';
import { openSequenceHost } from './open.ts';
import { sequenceKeyMalformed } from './problems.ts';

/** A port to find the way with, where the steps are echo requests alone. Nothing is sent to it. */
const DISCARD_PORT = 9;

/** A server that opens to a sequence of ports: knockd, or a gate with a `[[sequence]]`. */
export const sequenceKind: ServerKind<SequenceHost> = {
  kind: 'sequence',
  parse: parseSequenceHost,
  addressesOf: ({ address }) => [address],
  foundAt: ({ address }) => [address],
  sharesKeys: ({ sequence }) => sequence.kind === 'one-time',
  how: ({ sequence }) =>
    sequence.kind === 'fixed'
      ? phrase('fixed sequence of {0} ports', sequence.steps.length)
      : phrase('one-time sequence of ports'),
  describe: ({ address, sequence, ports }) => {
    const what = sequence.kind === 'fixed' ? sequenceOf(sequence.steps.length) : 'one-time sequence';
    return `${what} at ${address} for ${ports.map(formatPort).join(', ')}`;
  },
  fieldsOf: ({ address, sequence, delayMs, family, ports }) => {
    const what =
      sequence.kind === 'fixed'
        ? { steps: sequence.steps.map(formatKnockStep).join(' ') }
        : { client: sequence.client, keyFile: sequence.keyFile };
    return { kind: 'sequence', address, ...what, delay: delayMs, family, ports: ports.map(formatPort) };
  },
  prepare: async (host, keys, io) => {
    const key = host.sequence.kind === 'fixed' ? undefined : await keyOf(host, host.sequence.keyFile, keys);
    return async ({ sshPort, force, timeoutMs, ports = host.ports }, signal) => {
      const startedMs = io.clock.wallMs();
      const how = { probePort: provingPort(ports, sshPort), force, timeoutMs };
      const result = await openSequenceHost(host, key, how, io, signal);
      return { result, untilMs: startedMs + USUAL_OPEN_MS };
    };
  },
  diagnosis: ({ sequence }): DiagnosisWords => {
    if (sequence.kind === 'one-time')
      return {
        knockPort: ONE_TIME_PORTS.first,
        keys: phrase('There are keys. Whether they are those of the server shows when it opens.'),
        clock: phrase('A gate accepts a one-time sequence when the clocks are at most a minute apart.'),
        opened: phrase('The server took the time of our knock.'),
      };
    const clock = phrase('It does not count for a fixed sequence.');
    return {
      knockPort: sequence.steps.find(({ port }) => port > 0)?.port ?? DISCARD_PORT,
      keys: phrase('It uses no key: anybody who knows the steps can knock.'),
      clock,
      opened: clock,
    };
  },
};

async function keyOf(host: SequenceHost, file: string | undefined, keys: KeySource): Promise<Uint8Array> {
  const shared = await keys.sharedKeys(host, file);
  const key = parseSecretKey(shared.text);
  if (key === undefined) throw sequenceKeyMalformed(host.name, shared.file);
  return key;
}

function sequenceOf(steps: number): string {
  return steps === 1 ? 'sequence of 1 step' : `sequence of ${steps} steps`;
}
