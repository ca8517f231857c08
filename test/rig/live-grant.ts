import { spawn } from 'node:child_process';
import { formatKey } from '../../src/spa/keys.ts';
import { figure } from './figure.ts';
import { signalQuietly } from './process.ts';

/** Addresses that nobody has. */
const SOMEBODY = { 4: '192.0.2.250', 6: '2001:db8::250' } as const;

/**
 * Looks a few times a second which sets there are for the addresses that a gate's kernel has opened for, and adds somebody's. A
 * namespace may be made anew, as at a boot. Prints a line for each address that is live.
 */
const KEEP = `while sleep 0.3; do
  for set in $(ip netns exec "$0" nft -t list ruleset inet 2>&- | sed -n 's/.*set \\(open[46]_[0-9]*\\) {.*/\\1/p'); do
    case $set in open4*) who=${SOMEBODY[4]} ;; *) who=${SOMEBODY[6]} ;; esac
    ip netns exec "$0" nft "add element inet knockgate $set { $who timeout 1h }" 2>&- && echo "$set"
  done
done`;

/** Whether tests run while the kernel of each gate has opened for somebody. vitest.config.mts sets it to run the same tests so. */
const isWanted = process.env.KNOCKGATE_LIVE_GRANT === 'true';

/** A client that never knocks: without any client, a gate's kernel opens for nobody. */
const SOMEBODYS_ENTRY = `
[[client]]
name = "somebody"
key = "${formatKey(new Uint8Array(32).fill(9))}"
`;

/** A configuration, with a client in any case if that is wanted. */
export function withSomebody(configuration: string): string {
  return isWanted && !configuration.includes('[[client]]') ? `${configuration}${SOMEBODYS_ENTRY}` : configuration;
}

/**
 * Keeps a grant of the kernel live at whatever gate runs in a namespace, if that is wanted. nft adds it, as the rule that opens would:
 * a genuine one lasts four seconds, and needs the keys of a client.
 * @returns ends that
 */
export function keepGrantLive(ns: string): () => void {
  if (!isWanted) return () => {};
  // A group of its own, so that its children end with it.
  const child = spawn('sh', ['-c', KEEP, ns], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  let lines = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    lines += text.split('\n').length - 1;
  });
  return () => {
    if (child.pid !== undefined) signalQuietly(-child.pid, 'SIGKILL');
    if (lines > 0) figure(`while the kernel had opened for somebody: seen ${lines} times`);
  };
}
