import type { ProblemText } from '../../spa/problem.ts';
import type { Verdict } from './diagnosis.ts';
import { offsetInWords } from './try-clocks.ts';

/*
 * What a diagnosis can come down to. The codes are stable; those of problems (`name-not-found`, `key-missing`) are taken
 * over as they are.
 */

/** Something that a knock stumbles over before it is sent. */
export function stumbled({ code, what, why, next }: ProblemText): Verdict {
  return { code, what: why === undefined ? what : `${what} ${why}`, next: next ?? 'See the log.' };
}

export function allWell(host: string): Verdict {
  return {
    code: 'open',
    what: `${host}: everything works. The gate opened, and sshd answers.`,
    next: 'Connect. If it fails all the same, the cause is in ssh itself: `ssh -v` says more.',
  };
}

export function openFromBefore(host: string, secondsLeft: number): Verdict {
  return {
    code: 'open-from-before',
    what: `${host}: the port is open from an earlier knock.`,
    next: `Connect. To see through the knock itself, diagnose again in ${secondsLeft} seconds, when that grant is over.`,
  };
}

export function notHidden(host: string): Verdict {
  return {
    code: 'not-hidden',
    what: `${host}: the port answers without a knock.`,
    next: 'Connecting works. But nothing hides the port from here: either another device behind the same address has knocked, or this network is one that the gate trusts, or the gate is not armed. `sudo knockgated status` on the server says which.',
  };
}

export function serviceDown(host: string, port: number): Verdict {
  return {
    code: 'service-down',
    what: `${host}: the gate lets us through, but nothing listens on tcp/${port}.`,
    next: 'Start sshd on the server (by its console: `systemctl status ssh`), or correct the port in the SSH configuration.',
  };
}

export function noGreeting(host: string, port: number): Verdict {
  return {
    code: 'no-greeting',
    what: `${host}: tcp/${port} opens, but what answers does not speak SSH.`,
    next: 'Check the port in the SSH configuration. If it is right, sshd is overloaded or keeps this address out for a while (`PerSourcePenalties`, fail2ban): wait some minutes, and look at its log.',
  };
}

export function portBlocked(host: string, blocked: readonly number[], works: number): Verdict {
  return {
    code: 'knock-port-blocked',
    what: `${host}: knocks at UDP ${blocked.join(', ')} do not arrive; those at UDP ${works} do.`,
    next: `A firewall on the way, or this network, blocks UDP ${blocked.join(', ')}. Put ${works} first: \`"knockPorts": [${works}]\` in the settings of this host.`,
  };
}

export function familyShut(host: string, open: readonly string[], shut: readonly string[]): Verdict {
  return {
    code: 'family-shut',
    what: `${host}: opens at ${open.join(', ')}, but not at ${shut.join(', ')}.`,
    next: 'ssh may try the one that stays shut first. Check the firewalls on that way (the cloud’s own included), or take that address out: set `address` of this host to the one that works.',
  };
}

export function ownFirewall(host: string, codes: readonly string[]): Verdict {
  return {
    code: 'own-firewall',
    what: `${host}: this computer does not let the knock out (${[...new Set(codes)].join(', ')}).`,
    next: 'Let UDP to the knock ports out in the firewall of this computer, or in its VPN’s.',
  };
}

export function clockOff(host: string, offsetMs: number, wallMs: number): Verdict {
  return {
    code: 'clock',
    what: `${host}: the clocks differ. The gate’s is ${offsetInWords(offsetMs)}: it opened to a knock of that time.`,
    next: `Knocks to this gate are corrected by that much from now on: connect. It is ${new Date(wallMs).toISOString().slice(0, 19)}Z here. Compare with \`date -u\` on the server, set the clock that is wrong, and switch on time synchronisation (NTP); then diagnose again, so that knocks are no longer corrected.`,
  };
}

export function clockSetRight(host: string): Verdict {
  return {
    code: 'clock-set-right',
    what: `${host}: the clocks differed once, and agree now: the gate opened to a knock of our own time.`,
    next: 'Knocks to this gate are no longer corrected: connect.',
  };
}

export function udpOnly(host: string): Verdict {
  return {
    code: 'udp-only',
    what: `${host}: only UDP is asked for, which shows no answer.`,
    next: 'Add a TCP port such as `tcp/22` to `ports` of this host to have it tested, or try the service itself.',
  };
}

/** What is known when nothing answered. */
export interface Silence {
  readonly host: string;
  /** UDP ports. */
  readonly knockPorts: readonly number[];
  readonly wallMs: number;
  /** Whether times in the past, and in the future, were tried. */
  readonly triedFuture: boolean;
  readonly isClaimed: boolean;
  readonly hasPsk: boolean;
  /** When this device opened it last, in unix milliseconds; undefined when that is not known. */
  readonly openedMs: number | undefined;
}

/** Nothing answered, and a gate hides well: the causes in the order worth checking. */
export function silence(facts: Silence): Verdict {
  const { host, knockPorts, wallMs, openedMs } = facts;
  const keyIsKnown = openedMs !== undefined;
  const key = `**The key.** ${keyIsKnown ? 'It opened this gate before, so look whether somebody took it out. ' : ''}Compare the line below with \`sudo knockgated client list\` on the server.${facts.hasPsk ? ' The pre-shared key must be the same on both sides.' : ' If the gate has a pre-shared key for this device (`psk_file`), set it here too.'}`;
  const gate =
    '**The gate.** Is it up? `sudo knockgated status` on the server; its log names each knock that it refused.';
  const way = `**The way.** Does UDP ${knockPorts.join(', ')} reach the server, through the cloud’s own firewall too?${facts.isClaimed ? '' : ' Behind some NATs UDP and TCP leave by different addresses: then the gate opens for the wrong one.'}`;
  const clock = `**The clock.** It is ${new Date(wallMs).toISOString().slice(0, 19)}Z here; compare with \`date -u\` on the server. ${facts.triedFuture ? 'It is not off by up to ten minutes or by whole hours: those were tried.' : 'Ours is not ahead by up to ten minutes or by whole hours: those were tried. Whether it is behind cannot be tried from behind a NAT.'}`;
  const causes = keyIsKnown ? [gate, way, clock, key] : [key, gate, way, clock];
  return {
    code: 'silent',
    what: `${host}: knocked, and nothing answered.`,
    next: [
      'A gate never answers a knock, so it cannot be told from here which of these it is. Worth checking, in this order:',
    ]
      .concat(causes.map((cause, i) => `${i + 1}. ${cause}`))
      .join('\n'),
  };
}
