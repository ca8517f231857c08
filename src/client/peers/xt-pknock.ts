import { familyOf, formatAddress, isIPv4 } from '../../base/addresses.ts';
import { fieldsOf } from '../../base/loose-json.ts';
import { type Phrase, phrase } from '../../base/phrase.ts';
import { formatPort } from '../../base/ports.ts';
import { sealXtPknock, xtPknockSecret } from '../../peers/xt-pknock.ts';
import { formatKnockStep, type SequenceStep } from '../../sequence/step.ts';
import type { HostsKind } from '../hosts/host-fields.ts';
import { provingPort } from '../hosts/proving-port.ts';
import {
  type KeySource,
  type Open,
  type OpenIo,
  type ServerHost,
  type ServerKind,
  USUAL_OPEN_MS,
} from '../hosts/server-kind.ts';
import { hostsInvalid } from '../problems.ts';
import { parseSequenceHost, type SequenceHost } from '../sequence/host.ts';
import { openSequenceHost } from '../sequence/open.ts';
import { openByDatagram, secretText } from './datagram.ts';
import { type PeerFields, readKnockPort, readPeerFields } from './fields.ts';
import { peerNeedsIPv4, peerSecretMalformed } from './problems.ts';

/** Where one datagram with an HMAC goes. */
interface Hmac extends PeerFields {
  readonly knockPort: number;
}

/** A host with rules of iptables' match `pknock`. */
export interface XtPknockHost extends ServerHost {
  readonly kind: 'xt_pknock';
  readonly address: string;
  /** Steps of `--knockports`, or a datagram for `--opensecret`. */
  readonly way: { readonly by: 'steps'; readonly host: SequenceHost } | { readonly by: 'hmac'; readonly host: Hmac };
}

/** The secret of the HMAC mode. */
export const XT_PKNOCK_SECRET = phrase('a text that is not empty');

/** Minutes that a knock is made for, by its attempt. The first is for now; later ones are for a clock that is off, too. */
const MINUTES: readonly (readonly number[])[] = [[0], [-1, 0, 1]];
const MINUTE_MS = 60_000;

/** A server with xt_pknock of xtables-addons. */
export const xtPknockKind: ServerKind<XtPknockHost> = {
  kind: 'xt_pknock',
  parse: (name, value, place, from) => {
    const { steps } = fieldsOf(value);
    const way =
      steps === undefined
        ? ({ by: 'hmac', host: parseHmac(name, value, place, from) } as const)
        : ({ by: 'steps', host: parseSteps(name, value, place, from) } as const);
    return { kind: 'xt_pknock', name, address: way.host.address, ports: way.host.ports, way };
  },
  addressesOf: ({ address }) => [address],
  foundAt: ({ address }) => [address],
  sharesKeys: ({ way }) => way.by === 'hmac',
  how: ({ way }) =>
    way.by === 'hmac'
      ? phrase('{0}, UDP {1}', 'xt_pknock', way.host.knockPort)
      : phrase('{0}, a sequence of {1} ports', 'xt_pknock', stepsOf(way.host).length),
  describe: ({ address, way, ports }) => {
    const how = way.by === 'hmac' ? `UDP ${way.host.knockPort}` : `${stepsOf(way.host).length} ports`;
    return `xt_pknock at ${address} (${how}) for ${ports.map(formatPort).join(', ')}`;
  },
  fieldsOf: ({ address, way, ports }) => {
    const common = { kind: 'xt_pknock', address, ports: ports.map(formatPort) };
    if (way.by === 'steps') {
      const steps = stepsOf(way.host).map(formatKnockStep);
      return { ...common, steps: steps.join(' '), delay: way.host.delayMs };
    }
    const { knockPort, source, keyFile } = way.host;
    return { ...common, knockPort, source: source === 'own' ? source : formatAddress(source), keyFile };
  },
  prepare: async (host, keys, io) =>
    host.way.by === 'hmac' ? await openByHmac(host.way.host, host, keys, io) : openBySteps(host.way.host, io),
  diagnosis: ({ way }) =>
    way.by === 'hmac'
      ? {
          knockPort: way.host.knockPort,
          keys: phrase('There is a key. Whether it is that of the server shows when it opens.'),
          clock: phrase('xt_pknock accepts the minute of its own clock alone.'),
          opened: phrase('The server took the time of our knock.'),
        }
      : {
          knockPort: stepsOf(way.host)[0]?.port ?? 0,
          keys: phrase('It uses no key: anybody who knows the steps can knock.'),
          clock: phrase('It does not count for a fixed sequence.'),
          opened: phrase('It does not count for a fixed sequence.'),
        },
};

function parseSteps(name: string, value: unknown, place: string, from: HostsKind): SequenceHost {
  const { kind: _, family, ...fields } = fieldsOf(value);
  if (family !== undefined)
    throw hostsInvalid(
      `${place}.family`,
      phrase('This field is unknown.'),
      phrase('{0} knows IPv4 only.', 'xt_pknock'),
    );
  const host = parseSequenceHost(name, { ...fields, family: 'ipv4' }, place, from);
  const protocols = new Set(stepsOf(host).map(({ protocol }) => protocol));
  if (protocols.size > 1 || protocols.has('icmp'))
    throw hostsInvalid(
      `${place}.steps`,
      protocols.size > 1
        ? phrase('The steps have two protocols.')
        : phrase('{0} counts no echo requests.', 'xt_pknock'),
      phrase('A rule of xt_pknock has one: its -p. Write all steps with tcp, or all with udp.'),
    );
  return host;
}

function parseHmac(name: string, value: unknown, place: string, from: HostsKind): Hmac {
  const { fields, ...peer } = readPeerFields(name, value, place, from, ['knockPort']);
  if (fields.knockPort === undefined)
    throw hostsInvalid(
      `${place}.steps`,
      phrase('It is missing.'),
      phrase('Expected steps such as "4002:tcp 4001:tcp", or `knockPort` for a rule with --opensecret.'),
    );
  if (peer.source !== 'own' && !isIPv4(peer.source))
    throw hostsInvalid(
      `${place}.source`,
      phrase('It is not an IPv4 address.'),
      phrase('{0} knows IPv4 only.', 'xt_pknock'),
    );
  return { ...peer, knockPort: readKnockPort(fields, 0, place) };
}

function stepsOf({ sequence }: SequenceHost): readonly SequenceStep[] {
  return sequence.kind === 'fixed' ? sequence.steps : [];
}

function openBySteps(host: SequenceHost, io: OpenIo): Open {
  return async ({ sshPort, force, timeoutMs, ports = host.ports }, signal) => {
    const startedMs = io.clock.wallMs();
    const how = { probePort: provingPort(ports, sshPort), force, timeoutMs };
    const result = await openSequenceHost(host, undefined, how, io, signal);
    return { result, untilMs: startedMs + USUAL_OPEN_MS };
  };
}

async function openByHmac(hmac: Hmac, host: ServerHost, keys: KeySource, io: OpenIo): Promise<Open> {
  const shared = await keys.sharedKeys(host, hmac.keyFile);
  const secret = xtPknockSecret(secretText(shared) ?? '');
  if (secret === undefined) throw peerSecretMalformed(host.name, shared.file, XT_PKNOCK_SECRET);
  return openByDatagram(
    {
      host: hmac,
      program: 'xt_pknock',
      knockPort: hmac.knockPort,
      usable: (found) => {
        const usable = found.filter((address) => familyOf(address) === 'ipv4');
        if (usable.length === 0) throw peerNeedsIPv4(host.name, 'xt_pknock', found);
        return usable;
      },
      make: (source, wallMs, attempt) => {
        const minute = Math.floor(wallMs / MINUTE_MS);
        return (MINUTES[Math.min(attempt, 1)] ?? []).map((by) => sealXtPknock(io.crypto, secret, source, minute + by));
      },
      causes,
    },
    io,
  );
}

function causes(source: string): Phrase[] {
  return [
    phrase('  1. The secret: is it the `--opensecret` of the rule?'),
    phrase(
      '  2. The source: the packet is good from {0} alone. Does the server see this computer by that address?',
      source,
    ),
    phrase('  3. The clock: xt_pknock accepts the minute of its own clock; three minutes were tried.'),
    phrase(
      '  4. The release: from 2.11 to 3.27 of xtables-addons the HMAC mode does not work with any client. See `modinfo xt_pknock` on the server.',
    ),
  ];
}
