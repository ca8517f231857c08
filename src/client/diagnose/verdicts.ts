import { joined, type Phrase, phrase } from '../../base/phrase.ts';
import type { ProblemParts } from '../../base/problem.ts';
import { utc, type Verdict } from './diagnosis.ts';
import { offsetInWords } from './try-clocks.ts';

/*
 * Conclusions of a diagnosis. The codes are stable; those of problems (`name-not-found`, `key-missing`) are taken
 * over as they are.
 */

/** Problem that stops a knock before it is sent. */
export function stumbled({ code, what, why, next }: ProblemParts): Verdict {
  const parts = why === undefined ? [what] : [what, why];
  return { code, what: joined(parts, ' '), next: next === undefined ? phrase('See the log.') : joined([next], '') };
}

export function allWell(host: string): Verdict {
  return {
    code: 'open',
    what: phrase('{0}: everything works. The gate opened, and sshd answers.', host),
    next: phrase('Connect. If it fails all the same, the cause is in ssh itself: `ssh -v` says more.'),
  };
}

export function openFromBefore(host: string, secondsLeft: number): Verdict {
  return {
    code: 'open-from-before',
    what: phrase('{0}: the port is open from an earlier knock.', host),
    next: phrase(
      'Connect. To test the knock itself, diagnose again when that grant is over, in {0}.',
      secondsLeft > 90 ? phrase('{0} min', Math.ceil(secondsLeft / 60)) : phrase('{0} s', secondsLeft),
    ),
  };
}

export function notHidden(host: string): Verdict {
  return {
    code: 'not-hidden',
    what: phrase('{0}: the port answers without a knock.', host),
    next: phrase(
      'Connecting works. But nothing hides the port from here: either another device behind the same address has knocked, or this network is one that the gate trusts, or the gate is not armed. `sudo knockgated status` on the server says which.',
    ),
  };
}

/** Success with a server that is not a gate of ours. */
export function otherWell(host: string): Verdict {
  return { ...allWell(host), what: phrase('{0}: everything works. The server opened, and sshd answers.', host) };
}

/** Port of a server that is not a gate of ours, open without a knock: no such server can be asked why. */
export function openWithoutKnock(host: string): Verdict {
  return {
    code: 'not-hidden',
    what: phrase('{0}: the port answers without a knock.', host),
    next: phrase(
      'Connect. Either the port is open from an earlier knock, of this device or of another behind the same address: then diagnose again in a minute. Or nothing hides it from here.',
    ),
  };
}

export function serviceDown(host: string, port: number): Verdict {
  return {
    code: 'service-down',
    what: phrase('{0}: the gate lets us through, but nothing listens on tcp/{1}.', host, port),
    next: phrase(
      'Start sshd on the server (by its console: `systemctl status ssh`), or correct the port in the SSH configuration.',
    ),
  };
}

export function noGreeting(host: string, port: number): Verdict {
  return {
    code: 'no-greeting',
    what: phrase('{0}: tcp/{1} opens, but what answers does not speak SSH.', host, port),
    next: phrase(
      'Check the port in the SSH configuration. If it is right, sshd is overloaded or keeps this address out for a while (`PerSourcePenalties`, fail2ban): wait some minutes, and look at its log.',
    ),
  };
}

export function portBlocked(host: string, blocked: readonly number[], works: number): Verdict {
  return {
    code: 'knock-port-blocked',
    what: phrase('{0}: knocks at UDP {1} do not arrive; those at UDP {2} do.', host, blocked.join(', '), works),
    next: phrase(
      'A firewall on the way, or this network, blocks UDP {0}. Put {1} first: `"knockPorts": [{2}]` in the settings of this host.',
      blocked.join(', '),
      works,
      works,
    ),
  };
}

export function familyShut(host: string, open: readonly string[], shut: readonly string[]): Verdict {
  return {
    code: 'family-shut',
    what: phrase('{0}: opens at {1}, but not at {2}.', host, open.join(', '), shut.join(', ')),
    next: phrase(
      'ssh may try the one that stays shut first. Check the firewalls on that way (the cloud’s own included), or take that address out: set `address` of this host to the one that works.',
    ),
  };
}

export function ownFirewall(host: string, codes: readonly string[]): Verdict {
  return {
    code: 'own-firewall',
    what: phrase('{0}: this computer does not let the knock out ({1}).', host, [...new Set(codes)].join(', ')),
    next: phrase('Let UDP to the knock ports out in the firewall of this computer, or in its VPN’s.'),
  };
}

export function clockOff(host: string, offsetMs: number, wallMs: number): Verdict {
  return {
    code: 'clock',
    what: phrase(
      '{0}: the clocks differ. The gate’s is {1}: it opened to a knock of that time.',
      host,
      offsetInWords(offsetMs),
    ),
    next: phrase(
      'Knocks to this gate are corrected by that much from now on: connect. It is {0} here. Compare with `date -u` on the server, set the clock that is wrong, and switch on time synchronisation (NTP); then diagnose again, so that knocks are no longer corrected.',
      utc(wallMs),
    ),
  };
}

export function clockSetRight(host: string): Verdict {
  return {
    code: 'clock-set-right',
    what: phrase('{0}: the clocks differed once, and agree now: the gate opened to a knock of our own time.', host),
    next: phrase('Knocks to this gate are no longer corrected: connect.'),
  };
}

/** Knock that asks fwknop for a command instead of a port. */
export function commandOnly(host: string): Verdict {
  return {
    code: 'command-only',
    what: phrase('{0}: a command is asked for, which shows no answer.', host),
    next: phrase('Check whether it ran: fwknopd on the server logs it.'),
  };
}

export function udpOnly(host: string): Verdict {
  return {
    code: 'udp-only',
    what: phrase('{0}: only UDP is asked for, which shows no answer.', host),
    next: phrase(
      'Add a TCP port such as `tcp/22` to `ports` of this host to have it tested, or try the service itself.',
    ),
  };
}

/** Facts that remain when nothing answered. */
export interface Silence {
  readonly host: string;
  /** UDP ports. */
  readonly knockPorts: readonly number[];
  readonly wallMs: number;
  /** Our own private addresses, which knocks cannot claim. */
  readonly privateAddresses: readonly string[];
  /** Our own addresses that the knocks claimed to come from. */
  readonly claimed: readonly string[];
  /** TCP port that stayed closed. */
  readonly port: number;
  readonly hasPsk: boolean;
  /** Last time at which this device opened it, in unix milliseconds; undefined when it is unknown. */
  readonly openedMs: number | undefined;
}

/** Lists the causes of silence in the order worth checking: a gate that hides says nothing. */
export function silence(facts: Silence): Verdict {
  const { host, openedMs } = facts;
  const gate = phrase(
    '**The gate.** Is it up? `sudo knockgated status` on the server; its log names each knock that it refused.',
  );
  // The gate sees the claimed address, unless the network translates it.
  const nat = [
    ...(facts.privateAddresses.length === 0 ? [] : [twoAddresses(facts)]),
    ...(facts.claimed.length === 0 ? [] : [translated(facts)]),
  ];
  const others = [wayOf(facts), ...nat, clockOf(facts)];
  const causes = openedMs === undefined ? [keyOf(facts), gate, ...others] : [gate, ...others, keyOf(facts)];
  const list = causes.map((cause, i) => joined([`${i + 1}.`, cause], ' '));
  const opening = phrase('A gate never answers a knock, so the cause is unknown. Check these, in this order:');
  return {
    code: 'silent',
    what: phrase('{0}: knocked, and nothing answered.', host),
    next: joined([opening, ...list], '\n'),
  };
}

function keyOf({ openedMs, hasPsk }: Silence): Phrase {
  const before =
    openedMs === undefined ? [] : [phrase('It opened this gate before, so look whether somebody took it out.')];
  const psk = hasPsk
    ? phrase('The pre-shared key must be the same on both sides.')
    : phrase('If the gate has a pre-shared key for this device (`psk_file`), set it here too.');
  const compare = phrase('Compare the line below with `sudo knockgated client list` on the server.');
  return joined([phrase('**The key.**'), ...before, compare, psk], ' ');
}

function wayOf({ knockPorts }: Silence): Phrase {
  return phrase(
    '**The way.** Does UDP {0} reach the server, through the cloud’s own firewall too?',
    knockPorts.join(', '),
  );
}

function twoAddresses({ privateAddresses, port }: Silence): Phrase {
  return phrase(
    '**The NAT.** {0} is a private address, so the gate sees that of a NAT; some of them send UDP and TCP from different addresses. Then the gate’s log says `granted` with a `source` that is not the one that tcp/{1} comes from, and it opened for the wrong one. Connect by IPv6, over a VPN or from another network, or have UDP and TCP leave by one address (in a router of your own: one address for both; else ask the provider).',
    privateAddresses.join(', '),
    port,
  );
}

function translated({ claimed }: Silence): Phrase {
  return phrase(
    '**The address.** The knocks claimed to come from {0}. Some networks translate such an address; then the gate’s log says `source-mismatch`. Set `claimSource` of this host to false.',
    claimed.join(', '),
  );
}

function clockOf({ wallMs }: Silence): Phrase {
  const tried = phrase(
    'Clocks that are ahead by up to ten minutes or by whole hours were tried. A clock that is behind was not: somebody could record a knock with a future date, and use it then.',
  );
  const compare = phrase('**The clock.** It is {0} here; compare with `date -u` on the server.', utc(wallMs));
  return joined([compare, tried], ' ');
}
