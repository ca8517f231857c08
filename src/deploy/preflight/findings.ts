import { contains, parseAddress } from '../../base/addresses.ts';
import { phrase } from '../../base/phrase.ts';
import { quote } from '../../base/printable.ts';
import type { SshSettings } from '../connection/settings.ts';
import type { DeployOptions } from '../deploy-options.ts';
import { parseManifest } from '../plan/manifest.ts';
import { type ClockLook, isOff } from './clock.ts';
import { type Facts, listenersOn } from './facts.ts';
import type { Finding } from './finding.ts';
import { chooseNode, isOlder } from './needs.ts';
import { otherWays } from './other-ways.ts';
import { firewall, firstLine, programs } from './programs.ts';

/** Systems with systemd that the gate's tests boot, by their own names; docs/deploying.md, "Systems". */
const TESTED = /^Debian GNU\/Linux 1[23] /;

/** Space for the daemon and its state: far more than they need in a year. */
const LEAST_FREE_KILOBYTES = 20_000;
/** Space for a copy of Node. */
const NODE_KILOBYTES = 130_000;

/**
 * Judges all facts, in the order in which a person would ask.
 * @param version of the gate that will be installed
 */
export function judge(
  facts: Facts,
  clock: ClockLook | undefined,
  settings: SshSettings,
  options: DeployOptions,
  version: string,
): Finding[] {
  return [
    system(facts, options),
    ...connection(facts, settings, options),
    ...firewall(facts),
    ...otherWays(facts, options.ports),
    ...programs(facts),
    clockFinding(clock),
    ...sshd(facts, options),
    knockPorts(facts, options),
    disk(facts),
    ...present(facts, version),
  ];
}

function system({ system, init, systemd }: Facts, { withoutService }: DeployOptions): Finding {
  const what = phrase('{0}, started by {1}', system, init || phrase('an unknown init'));
  if (systemd && withoutService)
    return {
      id: 'system',
      verdict: 'stop',
      what,
      so: phrase('Without a service is for systems without systemd. Leave that out.'),
    };
  if (systemd && TESTED.test(system)) return { id: 'system', verdict: 'ok', what };
  if (systemd)
    return {
      id: 'system',
      verdict: 'note',
      what,
      so: phrase(
        'The gate was not tested on this system. Whether nft and the kernel there take its rules is checked first.',
      ),
    };
  if (withoutService)
    return {
      id: 'system',
      verdict: 'note',
      what: phrase('{0}: not systemd', what),
      so: phrase(
        'The gate is installed without a service: it hides nothing until you run it, and nothing watches over it but what you set up.',
      ),
    };
  return {
    id: 'system',
    verdict: 'stop',
    what: phrase('{0}: not systemd', what),
    so: phrase(
      'The gate would not come up by itself, and nothing would watch over it. To have it installed all the same, and run it by what you have: --without-service.',
    ),
  };
}

function connection({ sshConnection }: Facts, settings: SshSettings, { trusted }: DeployOptions): Finding[] {
  const command = settings.proxyCommand;
  // Our own ProxyCommand knocks, and then connects directly.
  const through =
    settings.proxyJump ?? (command !== undefined && !/\bknockgate\S* connect\b/.test(command) ? command : undefined);
  if (through !== undefined)
    return [
      {
        id: 'way',
        verdict: 'stop',
        what: phrase('ssh goes there through {0}', quote(through)),
        so: phrase(
          'The host sees the jump host, not this computer: a knock sent from here opens nothing for it. Set up a gate on the first jump host instead.',
        ),
      },
    ];
  if (sshConnection === undefined)
    return [
      {
        id: 'way',
        verdict: 'ask',
        what: phrase('sshd does not report the addresses of this connection (SSH_CONNECTION)'),
        so: phrase(
          'It is unknown whether an address translation is in between; the checks from outside will show whether it works.',
        ),
      },
    ];
  if (sshConnection.serverPort !== settings.port)
    return [
      {
        id: 'way',
        verdict: 'stop',
        what: phrase(
          'we connected to port {0}, and sshd was reached at port {1}',
          settings.port,
          sshConnection.serverPort,
        ),
        so: phrase(
          'A router or load balancer forwards the port. The gate would see other ports than you knock for; such a way is not supported.',
        ),
      },
    ];
  const client = parseAddress(sshConnection.clientAddress);
  const inside = client !== undefined && trusted.some((network) => contains(network, client));
  const literal = parseAddress(settings.hostName);
  const own = parseAddress(sshConnection.serverAddress);
  const translated = literal !== undefined && own !== undefined && Buffer.compare(literal, own) !== 0;
  return [
    {
      id: 'way',
      verdict: 'ok',
      what: phrase(
        'the host sees us come from {0}{1}',
        sshConnection.clientAddress,
        inside ? phrase(', a trusted network: it will never be shut out') : '',
      ),
    },
    ...(translated
      ? [
          {
            id: 'translated',
            verdict: 'note' as const,
            what: phrase(
              'its own address is {0}, and it is reached as {1}',
              sshConnection.serverAddress,
              settings.hostName,
            ),
            so: phrase(
              'It is behind an address translation, which must let the knock ports (UDP) through too, as a cloud firewall must.',
            ),
          },
        ]
      : []),
  ];
}

/** Id of the finding that the clocks are far apart: once a wrong clock is corrected, knocks would not be heard. */
export const CLOCK_OFF = 'clock-off';

function clockFinding(clock: ClockLook | undefined): Finding {
  if (clock === undefined)
    return {
      id: 'clock',
      verdict: 'ask',
      what: phrase('its clock cannot be read to the millisecond'),
      so: phrase('The gate ignores knocks when the clocks are more than a minute apart.'),
    };
  const off = phrase(
    '{0} s {1} ours',
    (Math.abs(clock.offsetMs) / 1000).toFixed(1),
    clock.offsetMs < 0 ? phrase('behind') : phrase('ahead of'),
  );
  if (!isOff(clock)) return { id: 'clock', verdict: 'ok', what: phrase('its clock is {0}', off) };
  const utc = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
  return {
    id: CLOCK_OFF,
    verdict: 'ask',
    what: phrase(
      'its clock is {0}: here it is {1}, there {2}',
      off,
      utc(clock.wallMs),
      utc(clock.wallMs + clock.offsetMs),
    ),
    so: phrase(
      'Correct the wrong clock first, if you can. Otherwise Knockgate corrects its knocks by the difference; when one of the clocks is corrected later, the first knock takes a second longer and notices.',
    ),
  };
}

function sshd({ sshPorts, sshConnection, penalties }: Facts, { ports }: DeployOptions): Finding[] {
  const unknown = sshPorts.length === 0 ? ' (its configuration cannot be read)' : '';
  return [
    {
      id: 'sshd',
      verdict: 'ok',
      what: phrase(
        'sshd is at port {0}{1}; hidden will be {2}',
        [...new Set([...sshPorts, ...(sshConnection === undefined ? [] : [sshConnection.serverPort])])].join(', '),
        unknown,
        ports.join(', '),
      ),
    },
    ...(penalties
      ? [
          {
            id: 'penalties',
            verdict: 'note' as const,
            what: phrase('sshd punishes addresses that connect and leave (PerSourcePenalties)'),
            so: phrase('Knocking stops at the first connection that gets through, so it is not noticed.'),
          },
        ]
      : []),
  ];
}

function knockPorts(facts: Facts, { knockPorts }: DeployOptions): Finding {
  const listeners = listenersOn(facts, knockPorts);
  const names = knockPorts.map((port) => `udp/${port}`).join(', ');
  if (listeners === undefined)
    return {
      id: 'knock-ports',
      verdict: 'ask',
      what: phrase('whether something listens on {0} is unknown (no ss there)', names),
      so: phrase('What listens there would no longer get its packets.'),
    };
  if (listeners.length === 0)
    return { id: 'knock-ports', verdict: 'ok', what: phrase('nothing listens on {0}', names) };
  return {
    id: 'knock-ports',
    verdict: 'stop',
    what: phrase('something listens on a knock port: {0}', firstLine(listeners.join('; '))),
    so: phrase('It would be cut off. Choose other knock ports.'),
  };
}

function disk(facts: Facts): Finding {
  const free = facts.freeKilobytes;
  const least = LEAST_FREE_KILOBYTES + (chooseNode(facts).kind === 'system' ? 0 : NODE_KILOBYTES);
  if (free === undefined) return { id: 'disk', verdict: 'ask', what: phrase('how full its disks are is unknown') };
  const what = phrase('{0} MB free', Math.floor(free / 1024));
  if (free >= least) return { id: 'disk', verdict: 'ok', what };
  return {
    id: 'disk',
    verdict: 'stop',
    what,
    so: phrase('At least {0} MB are needed. Make room first.', Math.ceil(least / 1024)),
  };
}

function present({ packaged, config, active, manifest }: Facts, version: string): Finding[] {
  if (packaged)
    return [
      {
        id: 'present',
        verdict: 'stop',
        what: phrase('a package has set up the gate here'),
        so: phrase('Let the package manager upgrade it, or remove the package first.'),
      },
    ];
  if (config === undefined) return [];
  const there = parseManifest(manifest)?.version;
  const isNewer = there !== undefined && isOlder(version, there.split('.').map(Number));
  return [
    {
      id: 'present',
      verdict: isNewer ? 'ask' : 'note',
      what: phrase(
        'a gate is set up here{0}{1}',
        there === undefined ? '' : phrase(', version {0},', there),
        active ? phrase(' and runs') : '',
      ),
      so: isNewer
        ? phrase(
            'This is the older version {0}: its key, its clients and its gate.toml stay, the rest goes back.',
            version,
          )
        : phrase(
            'Its key, its clients and its gate.toml stay as they are; what is older than this version is replaced.',
          ),
    },
  ];
}
