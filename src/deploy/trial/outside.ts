import type { Socket } from 'node:net';
import { type Phrase, phrase } from '../../base/phrase.ts';
import type { Probe } from '../../client/network/wait.ts';
import type { Clock } from '../../os/clock.ts';
import type { Remote } from '../connection/remote.ts';
import { checkFailed } from '../problems.ts';

export interface OutsideIo {
  readonly clock: Clock;
  readonly probe: Probe;
  /** Knocks, asks for that many seconds, and waits for the connection that gets through. */
  readonly knock: (
    seconds: number,
  ) => Promise<{ readonly socket: Socket; readonly address: string; readonly afterMs: number }>;
  /** Logs in over a new connection, which shares nothing with the present one. */
  readonly open: (socket: Socket) => Promise<Remote>;
  /** Addresses that ssh would go to. */
  readonly addresses: () => Promise<readonly string[]>;
}

/** Facts that the checks must find. */
export interface Expected {
  readonly host: string;
  readonly port: number;
  /** Boot id of the machine that is being set up. */
  readonly bootId: string;
  /** Session that was open before the port was hidden. */
  readonly held: Remote;
  /** Whether this computer is in a network that needs no knock. */
  readonly neverShutOut: boolean;
}

/** Check that has passed. */
export interface Passed {
  readonly what: Phrase;
}

/** Longer than any round trip: a hidden port never answers. */
const SILENCE_MS = 1500;
/** Seconds to ask for: enough for a login, and a short wait for the end. */
const GRANT_SECONDS = 6;
/** Limit for the port to close: a grant ends by the kernel's clock, and both the kernel's sweep and the network take their time. */
const CLOSES_WITHIN_MS = 15_000;

/**
 * Proves from outside that the gate works and lets this computer in.
 * @param tell called before each check
 * @throws Problem `check- failed` that names the check; those of a knock and a login
 */
export async function checkFromOutside(
  { host, port, bootId, held, neverShutOut }: Expected,
  io: OutsideIo,
  tell: (title: Phrase) => void,
  signal: AbortSignal,
): Promise<Passed[]> {
  const passed: Passed[] = [];
  const pass = (what: Phrase) => passed.push({ what });
  const isShut = async () => {
    for (const address of await io.addresses()) {
      const probed = await io.probe(address, port, SILENCE_MS, signal);
      if (probed.kind === 'open') probed.socket.destroy();
      if (probed.kind === 'open' || probed.kind === 'refused') return false;
    }
    return true;
  };
  if (neverShutOut) pass(phrase('this computer is in a trusted network, so the closed port cannot be seen from here'));
  else {
    tell(phrase('From outside: the port is closed'));
    if (!(await isShut())) throw checkFailed(host, phrase('tcp/{0} answers before the knock.', port));
    pass(phrase('tcp/{0} is silent before the knock', port));
  }

  tell(phrase('From outside: knock'));
  const knocked = await io.knock(GRANT_SECONDS);
  const openedMs = io.clock.monotonicMs();
  pass(phrase('a knock opens it after {0} ms ({1})', Math.round(knocked.afterMs), knocked.address));

  tell(phrase('From outside: log in over a new connection'));
  const fresh = await io.open(knocked.socket);
  try {
    if (fresh.hostKey.fingerprint !== held.hostKey.fingerprint)
      throw checkFailed(host, phrase('The new connection met another host key, {0}.', fresh.hostKey.fingerprint));
    const { stdout } = await fresh.run(['cat', '/proc/sys/kernel/random/boot_id']);
    if (stdout.trim() !== bootId) throw checkFailed(host, phrase('The new connection led to another machine.'));
  } finally {
    await fresh.close();
  }
  pass(phrase('a full login over a new connection, host key {0}', fresh.hostKey.fingerprint));

  if (!neverShutOut) {
    tell(phrase('From outside: the door shuts again'));
    await io.clock.sleep(Math.max(0, GRANT_SECONDS * 1000 - (io.clock.monotonicMs() - openedMs)), signal);
    const deadline = io.clock.monotonicMs() + CLOSES_WITHIN_MS;
    while (!(await isShut())) {
      if (io.clock.monotonicMs() > deadline)
        throw checkFailed(host, phrase('tcp/{0} still answers after the grant has ended.', port));
      await io.clock.sleep(1000, signal);
    }
    pass(phrase('shut again after {0} s', ((io.clock.monotonicMs() - openedMs) / 1000).toFixed(1)));
  }

  tell(phrase('Check that the open session is alive'));
  const alive = await held.run(['true'], { timeoutMs: 10_000 });
  if (alive.code !== 0) throw checkFailed(host, phrase('The session that was open before does not answer.'));
  pass(phrase('the session from before the change is alive'));
  return passed;
}
