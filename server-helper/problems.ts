import { ExitCode, Problem } from '../src/base/problem.ts';

/* Every error that knockgated shows to people, with its stable code. */

export function usage(what: string): Problem {
  return new Problem({ code: 'usage', what, next: 'See `knockgated --help`.', exit: ExitCode.usage });
}

export function configMissing(path: string): Problem {
  return new Problem({
    code: 'config-missing',
    what: `There is no configuration at ${path}.`,
    next: 'Write one, or name another with --config FILE. gate.toml(5) has an example.',
    exit: ExitCode.configuration,
  });
}

export function fileUnreadable(path: string, cause: unknown): Problem {
  return new Problem({
    code: 'file-unreadable',
    what: `${path} cannot be read.`,
    why: reasonOf(cause),
    next: 'Check that it exists and that the user who runs this may read it.',
    exit: ExitCode.configuration,
  });
}

/** @param notes reasons, where the output does not have them already */
export function nothingImported(path: string, notes: readonly string[] = []): Problem {
  const printed = 'The comments above say why, line by line. If there are none, the file has no stanza and no section.';
  return new Problem({
    code: 'nothing-imported',
    what: `${path} contains nothing that can be imported.`,
    ...(notes.length > 0 ? { why: notes.join('\n') } : { next: printed }),
    exit: ExitCode.configuration,
  });
}

export function fileUnwritable(path: string, cause: unknown): Problem {
  return new Problem({
    code: 'file-unwritable',
    what: `${path} cannot be written.`,
    why: reasonOf(cause),
    next: 'Check the folder, the free space, and that the user who runs this may write there.',
    exit: ExitCode.configuration,
  });
}

/** @param errors each `FILE:LINE: what is wrong; what is expected` */
export function configInvalid(
  errors: readonly string[],
  next = 'Nothing was changed. `knockgated check` reads the file again.',
): Problem {
  const shown = errors.slice(0, 20);
  if (errors.length > shown.length) shown.push(`and ${errors.length - shown.length} more`);
  return new Problem({
    code: 'config-invalid',
    what: shown.join('\n'),
    next,
    exit: ExitCode.configuration,
  });
}

export function configWritable(path: string): Problem {
  return new Problem({
    code: 'config-writable',
    what: `${path} is writable by users other than root, who could make the gate run any command.`,
    next: `Restrict it: chown root ${path}; chmod go-w ${path}`,
    exit: ExitCode.configuration,
  });
}

export function secretExposed(path: string): Problem {
  return new Problem({
    code: 'secret-exposed',
    what: `${path} is readable by every user of this machine, so others may know its key.`,
    next: `Restrict it: chmod 0640 ${path}   (and make a new key if others use this machine)`,
    exit: ExitCode.keyUnreadable,
  });
}

export function keyMissing(path: string): Problem {
  return new Problem({
    code: 'key-missing',
    what: `The gate has no key at ${path}.`,
    next: 'Make it with: knockgated key',
    exit: ExitCode.keyUnreadable,
  });
}

export function keyMalformed(path: string): Problem {
  return new Problem({
    code: 'key-malformed',
    what: `${path} does not hold a key.`,
    why: 'Expected one line "knockgate1 gate-key KEY MACHINE" for the gate, or 43 characters of base64url for a psk.',
    next: 'Restore a copy, or make a new key; with a new gate key every client needs the new enrolment line.',
    exit: ExitCode.keyUnreadable,
  });
}

/** @param withHmac whether the stanza says that packets have an HMAC */
export function fwknopKeysMalformed(path: string, withHmac: boolean): Problem {
  const keys = withHmac
    ? '"KEY_BASE64: …" and "HMAC_KEY_BASE64: …", two different keys'
    : '"KEY_BASE64: …" and no other';
  return new Problem({
    code: 'fwknop-keys-malformed',
    what: `${path} does not hold the keys of its [[fwknop]].`,
    why: `Expected lines ${keys}: with hmac = "none" there is no HMAC key, otherwise there must be one.`,
    next: 'Make the file with `fwknop --key-gen`, or copy the lines from access.conf.',
    exit: ExitCode.keyUnreadable,
  });
}

export function gpgHmacKeyMalformed(path: string): Problem {
  return new Problem({
    code: 'fwknop-keys-malformed',
    what: `${path} does not hold the HMAC key of its [[fwknop]].`,
    why: 'With gpg_key_file, expected one line, "HMAC_KEY_BASE64: …", and no other key.',
    next: 'Make one with `fwknop --key-gen`, or copy the line from access.conf.',
    exit: ExitCode.keyUnreadable,
  });
}

export function gpgKeyUnusable(path: string, why: string): Problem {
  return new Problem({
    code: 'gpg-key-unusable',
    what: `${path} does not hold the OpenPGP key that its [[fwknop]] needs.`,
    why,
    next: 'docs/fwknop.md says how gpg exports keys.',
    exit: ExitCode.keyUnreadable,
  });
}

export function partMissing(file: string, why: string): Problem {
  return new Problem({
    code: 'part-missing',
    what: `${file}, which is part of this program, cannot be loaded.`,
    why,
    next: 'It must be in the folder of knockgated.cjs: install knockgate again, or copy it there.',
    exit: ExitCode.programMissing,
  });
}

export function keyOfAnotherMachine(path: string): Problem {
  return new Problem({
    code: 'key-cloned',
    what: `The key in ${path} was made on another machine.`,
    why: 'Two gates with one key open for each other’s knocks. This happens when a machine is cloned from an image.',
    next: 'If this is a clone, make a new key: knockgated key --new. If the machine was moved or reinstalled, keep it: knockgated key --adopt.',
    exit: ExitCode.configuration,
  });
}

export function rotationUnderWay(until: Date): Problem {
  return new Problem({
    code: 'rotation-under-way',
    what: `A rotation is in progress: the previous key is valid until ${until.toISOString()}.`,
    next: 'Give every client the new line (knockgated key), then: knockgated rotate --finish. To return to the previous key: knockgated rotate --back',
    exit: ExitCode.inUse,
  });
}

export function noRotation(): Problem {
  return new Problem({
    code: 'no-rotation',
    what: 'No rotation is in progress.',
    why: 'The gate has no previous key.',
    exit: ExitCode.configuration,
  });
}

export function rotationRefused(why = ''): Problem {
  return new Problem({
    code: 'rotation-refused',
    what: 'The running daemon rejected the new key. The gate has its previous key again.',
    why,
    next: 'Correct that, then: systemctl reload knockgate, and rotate again.',
    exit: ExitCode.configuration,
  });
}

export function rotationOver(until: Date): Problem {
  return new Problem({
    code: 'rotation-over',
    what: `The gate’s previous key was valid until ${until.toISOString()}; returning to it would lock out every client.`,
    next: 'Make a new key: knockgated rotate. To remove the previous one: knockgated rotate --finish',
    exit: ExitCode.configuration,
  });
}

export function needsNetAdmin(): Problem {
  return new Problem({
    code: 'needs-net-admin',
    what: 'The gate needs the capability CAP_NET_ADMIN, and this process does not have it.',
    why: 'Without it the gate cannot set firewall rules.',
    next: 'Run it as root or by its systemd unit. To try it without a firewall: knockgated run --firewall memory',
    exit: ExitCode.privilege,
  });
}

const PACKAGE_OF: Record<string, string> = { nft: 'nftables', tcpdump: 'tcpdump' };

export function programMissing(program: string): Problem {
  const advice = program === 'tcpdump' ? ', or set capture = "socket" in gate.toml' : '';
  return new Problem({
    code: 'program-missing',
    what: `The program ${program} is not installed.`,
    next: `Install it (Debian, Ubuntu: apt-get install ${PACKAGE_OF[program] ?? program})${advice}.`,
    exit: ExitCode.programMissing,
  });
}

export function alreadyRunning(socket: string): Problem {
  return new Problem({
    code: 'already-running',
    what: 'Another knockgated is running here.',
    why: `It answers at ${socket}.`,
    next: 'Ask it with `knockgated status`; stop it before you start another.',
    exit: ExitCode.inUse,
  });
}

export function groupInUse(group: number): Problem {
  return new Problem({
    code: 'nflog-group-in-use',
    what: `Another program reads NFLOG group ${group}.`,
    next: 'Choose another number for nflog_group in gate.toml, or stop that program (perhaps ulogd or another tcpdump).',
    exit: ExitCode.inUse,
  });
}

export function portInUse(port: number): Problem {
  return new Problem({
    code: 'knock-port-in-use',
    what: `Another program already listens on UDP port ${port}.`,
    why: 'A knock port must have no listener: it would answer, and so reveal the port.',
    next: 'Choose another port in knock_ports of gate.toml. `ss -lunp` shows the program.',
    exit: ExitCode.inUse,
  });
}

export function notPcap(path: string): Problem {
  return new Problem({
    code: 'not-pcap',
    what: `${path} is not a pcap file, or is damaged.`,
    next: 'Record one with: tcpdump -w FILE udp. To convert a pcapng file: tcpdump -r FILE -w OTHER',
    exit: ExitCode.usage,
  });
}

export function needsPortRight(port: number): Problem {
  return new Problem({
    code: 'needs-bind-service',
    what: `The gate is not allowed to bind UDP port ${port}, as capture = "socket" requires.`,
    why: 'Ports below 1024 need the capability CAP_NET_BIND_SERVICE.',
    next: 'Use a knock port from 1024 on, or add CAP_NET_BIND_SERVICE to AmbientCapabilities and CapabilityBoundingSet of the unit.',
    exit: ExitCode.privilege,
  });
}

export function captureFailed(detail: string): Problem {
  return new Problem({
    code: 'capture-failed',
    what: 'Packets cannot be captured.',
    why: detail,
    exit: ExitCode.fault,
  });
}

/** @param said what nft wrote; it repeats the command, which may hold tags, and only its verdict is kept */
export function firewallFailed(said: string): Problem {
  const verdicts = said.split('\n').filter((line) => !/^\s|^(add|delete|flush|list) /.test(line) && line !== '');
  return new Problem({
    code: 'firewall-failed',
    what: 'nft refused a change.',
    why: [...new Set(verdicts)].join('\n').slice(0, 500),
    next: 'Nothing was opened. `nft list table inet knockgate` shows the table.',
    exit: ExitCode.fault,
  });
}

export function notInForce(path: string, cause: unknown): Problem {
  return new Problem({
    code: 'not-in-force',
    what: `${path} was changed, but the running daemon rejected it and keeps the previous configuration.`,
    why: reasonOf(cause),
    next: 'Correct that, then: systemctl reload knockgate',
    exit: ExitCode.configuration,
  });
}

export function noAnswer(socket: string): Problem {
  return new Problem({
    code: 'no-answer',
    what: `The daemon at ${socket} does not answer.`,
    next: 'See `journalctl -u knockgate`; if it hangs: systemctl restart knockgate. Ports stay hidden meanwhile.',
    exit: ExitCode.fault,
  });
}

export function notRunning(socket: string): Problem {
  return new Problem({
    code: 'not-running',
    what: 'knockgated is not running.',
    why: `Nothing listens at ${socket}.`,
    next: 'Start it: systemctl start knockgate, or knockgated run.',
    exit: ExitCode.fault,
  });
}

export function starting(): Problem {
  return new Problem({ code: 'starting', what: 'The gate is starting.', exit: ExitCode.fault });
}

export function restartNeeded(): Problem {
  return new Problem({
    code: 'restart-needed',
    what: 'These settings cannot change while the gate runs: capture, nflog_group, and knock_ports with capture = "socket".',
    next: 'The previous configuration stays in force. To apply the new one: systemctl restart knockgate',
    exit: ExitCode.configuration,
  });
}

export function trialOver(): Problem {
  return new Problem({
    code: 'trial-over',
    what: 'The trial ended before it was confirmed: the ports are shown again, and the gate hides nothing.',
    next: 'Start another trial: knockgated trial SECONDS',
    exit: ExitCode.cancelled,
  });
}

export function socketForbidden(socket: string): Problem {
  return new Problem({
    code: 'control-forbidden',
    what: `You are not allowed to use ${socket}.`,
    next: 'Run this as root, or as a member of the group knockgate.',
    exit: ExitCode.privilege,
  });
}

export function refusedByDaemon(what: string): Problem {
  return new Problem({ code: 'refused', what, exit: ExitCode.usage });
}

/** The readable part of a system error: no stack, no errno number. */
export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
