import { version } from '../../package.json';
import {
  contains,
  formatAddress,
  isUnicast,
  type Network,
  parseAddress,
  parseNetwork,
} from '../../src/base/addresses.ts';
import { counted } from '../../src/base/counted.ts';
import { covers, formatPortRange, parsePortRange } from '../../src/base/ports.ts';
import { badText } from '../../src/base/problem.ts';
import type { Activity } from '../audit/activity.ts';
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import { shownAt } from '../config/open-windows.ts';
import type { ControlRequest, ShownGrant } from '../control/protocol.ts';
import type { Gate } from '../daemon/gate.ts';
import type { Firewall, LiveGrant } from '../firewall/firewall.ts';
import { refusedByDaemon } from '../problems.ts';

export interface AnswerParts {
  readonly gate: Gate;
  readonly firewall: Firewall;
  readonly audit: Audit;
  readonly activity: Activity;
  readonly clock: Clock;
  /** Skipped parts of the configuration, one per line. */
  readonly skipped: readonly string[];
}

/** Requests that are answered here. The daemon itself takes those that change what is in force. */
export type Question = Exclude<ControlRequest, { command: 'reload' | 'confirm' }>;

/** The daemon's answer to a subcommand. */
export async function answer(parts: AnswerParts, request: Question): Promise<unknown> {
  switch (request.command) {
    case 'status':
      return await status(parts, await parts.firewall.list());
    case 'list':
      return (await parts.firewall.list()).map(shown);
    case 'activity':
      return await happened(parts);
    case 'grant':
      return await grant(parts, request);
    case 'revoke':
      return await revoke(parts, matcher(request.whom), request.whom, request.by);
    case 'flush':
      return await revoke(parts, () => true, 'everybody', request.by);
  }
}

async function status({ gate, firewall, clock, skipped }: AnswerParts, grants: readonly LiveGrant[]): Promise<object> {
  const { armedAt, capturing, state, restored, trialLeft, leadSeconds } = gate.state;
  const shownNow = shownAt(gate.config.windows, clock.wall());
  return {
    pid: process.pid,
    armed: armedAt === undefined ? null : new Date(armedAt).toISOString(),
    trial: trialLeft === undefined ? null : { seconds_left: trialLeft },
    previous_key: previousKey(gate.previousKeyUntil, clock.wall()),
    hides: gate.config.gate.ports.map(formatPortRange),
    shown_now: shownNow.length === 0 ? null : shownNow,
    knock_ports: gate.config.gate.knockPorts,
    clients: gate.config.clients.length,
    grants: grants.length,
    capture: capturing ? 'listening' : 'lost',
    state,
    restored,
    lead_seconds: leadSeconds,
    skipped: skipped.length === 0 ? null : skipped,
    packets: gate.pipeline.counts,
    kernel: await firewall.counters(),
    time: new Date(clock.wall()).toISOString(),
  };
}

/** Also what a monitor asks for, so that one answer is of one moment. */
async function happened(parts: AnswerParts): Promise<object> {
  const { hours, totals, visitors } = parts.activity.record();
  // A list of grants starts nft for each set.
  const grants = await parts.firewall.list();
  const at = (time: number) => new Date(time).toISOString();
  return {
    version,
    memory: process.memoryUsage().rss,
    status: await status(parts, grants),
    grants: grants.map(shown),
    hours: hours.map(({ hour, ...counted }) => ({ hour: at(hour), ...counted })),
    totals,
    visitors: visitors.map(({ first, last, ...visitor }) => ({ ...visitor, first: at(first), last: at(last) })),
  };
}

/** One whose time is over stays until somebody removes it: `knockgated rotate --finish`. */
function previousKey(until: number | undefined, now: number): object | null {
  if (until === undefined) return null;
  return { until: new Date(until).toISOString(), state: now < until ? 'good' : 'over' };
}

async function grant(
  { gate, firewall, audit }: AnswerParts,
  request: Extract<ControlRequest, { command: 'grant' }>,
): Promise<object> {
  const address = parseAddress(request.address);
  if (address === undefined || !isUnicast(address))
    throw badText('address', request.address, 'the IPv4 or IPv6 address of one host');
  const { gate: settings } = gate.config;
  const ports = request.ports.length === 0 ? settings.ports : request.ports.map((port) => parsePortRange(port));
  for (const port of ports) {
    const hidden = settings.ports.some((range) => covers(range, port));
    // A range can be granted only as the configuration names it: the table has a set for each of these.
    if (
      !hidden ||
      (port.first !== port.last && !settings.ports.some((range) => formatPortRange(range) === formatPortRange(port)))
    )
      throw refusedByDaemon(`${formatPortRange(port)} is not among the ports that this gate hides.`);
  }
  const seconds = request.seconds ?? settings.grant;
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > settings.longestGrant)
    throw badText('seconds', String(seconds), `a whole number from 1 to ${settings.longestGrant} (longest_grant)`);
  await firewall.grant({ client: BY_HAND, address, ports, seconds });
  const shownPorts = ports.map(formatPortRange);
  const detail = request.by === undefined ? {} : { detail: `by ${request.by}` };
  audit({ event: 'granted', client: BY_HAND, source: formatAddress(address), ports: shownPorts, seconds, ...detail });
  return { address: formatAddress(address), ports: shownPorts, seconds };
}

async function revoke(
  { firewall, audit }: AnswerParts,
  matches: (grant: LiveGrant) => boolean,
  whom: string,
  by: string | undefined,
): Promise<object> {
  const ended = await firewall.revoke(matches);
  audit({ event: 'revoked', detail: `${counted(ended, 'grant')} of ${whom}${by === undefined ? '' : `, by ${by}`}` });
  return { ended };
}

/** Shown as the client of a grant that an administrator made: no client can have a name with a space. */
const BY_HAND = 'by hand';

/** An address or network matches by address, anything else by the client's name. */
function matcher(whom: string): (grant: LiveGrant) => boolean {
  const network = networkOf(whom);
  if (network === undefined) return (grant) => grant.client === whom;
  return (grant) => contains(network, grant.address);
}

function networkOf(text: string): Network | undefined {
  return parseAddress(text.split('/')[0] ?? '') === undefined ? undefined : parseNetwork(text);
}

function shown({ client, address, port, seconds }: LiveGrant): ShownGrant {
  return { client, address: formatAddress(address), port: formatPortRange(port), seconds };
}
