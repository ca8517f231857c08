import { run } from '../rig/netns.ts';
import { loadNft } from '../rig/nft.ts';
import { signalQuietly } from '../rig/process.ts';
import type { Scene } from '../rig/scene.ts';

/** Before everything else that looks at a packet, the gate included. */
const FIRST = 'type filter hook prerouting priority -400; policy accept;';

/** Drops all that is about to leave, before a capture on this side sees it: so the other side has nothing to see either. */
const NOTHING_LEAVES =
  'table netdev away { chain everything { type filter hook egress device eth0 priority 0; policy drop; }; }';

/** Makes the server unreachable: no packet passes the cable, in either direction, and what was connected is not when it comes back. */
export async function takeAway({ pair, sshd }: Scene): Promise<void> {
  await Promise.all([loadNft(pair.client, NOTHING_LEAVES), loadNft(pair.target, NOTHING_LEAVES)]);
  const { stdout } = await run(pair.target, ['pgrep', '-P', String(sshd.pid)]);
  for (const pid of stdout.split('\n').filter(Boolean)) signalQuietly(Number(pid), 'SIGKILL');
}

/** Loses what is connected, silently, as a router does that forgets it; new connections get through. */
export async function forgetConnections({ pair }: Scene): Promise<void> {
  const { stdout } = await run(pair.target, ['ss', '-Htn', 'state', 'established', 'sport = :22']);
  const ports = [...stdout.matchAll(/:(\d+)\s*$/gm)].map(([, port]) => port);
  if (ports.length === 0) throw new Error('nothing is connected');
  await loadNft(
    pair.target,
    `table inet away { chain everything { ${FIRST} iif eth0 tcp sport { ${ports.join(', ')} } drop; }; }`,
  );
}

/** Ends what the two have begun, if anything. */
export async function bringBack({ pair }: Scene): Promise<void> {
  const gone = (family: string) => `table ${family} away\ndelete table ${family} away`;
  await loadNft(pair.target, `${gone('netdev')}\n${gone('inet')}`);
  await loadNft(pair.client, gone('netdev'));
}
