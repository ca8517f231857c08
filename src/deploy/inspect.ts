import type { Remote } from './connection/remote.ts';
import { type GateFiles, MANIFEST, OWN_NODE, ROLLBACK_SCRIPT, targetFiles } from './installed-files.ts';
import { type ClockLook, lookAtClock } from './preflight/clock.ts';
import { type Facts, readFacts } from './preflight/facts.ts';
import { LOOK_AS_USER, lookAsRoot } from './preflight/script.ts';
import { lookFailed } from './problems.ts';

const LOOK_MS = 120_000;

/** Facts and findings about a target before anything is changed. */
export interface Inspection {
  readonly facts: Facts;
  readonly clock: ClockLook | undefined;
}

/**
 * Looks at a target, read only.
 * @param knockPorts UDP ports that must have no listener
 * @throws Problem `look-failed`; those of the connection and of sudo
 */
export async function inspect(
  remote: Remote,
  host: string,
  gateFiles: GateFiles,
  knockPorts: readonly number[],
  wallMs: () => number,
): Promise<Inspection> {
  const clock = await lookAtClock(remote, wallMs);
  const user = await remote.run(['/bin/sh', '-s'], { stdin: LOOK_AS_USER, timeoutMs: LOOK_MS });
  const files = [...targetFiles(gateFiles).map(({ path }) => path), OWN_NODE, MANIFEST, ROLLBACK_SCRIPT];
  const script = lookAsRoot(gateFiles.table, knockPorts, files);
  const root = await remote.run(['/bin/sh', '-s'], { stdin: script, sudo: true, timeoutMs: LOOK_MS });
  const facts = readFacts(root.stdout, user.stdout);
  // Without these two, something changed the scripts on their way to the shell.
  if (facts.bootId === '' || facts.init === '') throw lookFailed(host, root.stderr || user.stderr || root.stdout);
  return { facts, clock };
}
