import { atEnd } from './cleanup.ts';
import { LINK, type Pair, remove, run } from './netns.ts';
import { must } from './process.ts';

/** A host that is seen by other addresses than its own. */
export interface BehindNat {
  readonly ns: string;
  readonly destroy: () => void;
}

const INSIDE = '10.9.0.2';
const ROUTER = '10.9.0.1';

/**
 * A host behind the client of a pair, which becomes a router with a NAT of two addresses: one for UDP, one for TCP.
 * @param addresses of the client, on the side of the target
 */
export async function hostBehindNat(
  { client }: Pair,
  addresses: { readonly udp: string; readonly tcp: string },
): Promise<BehindNat> {
  const ns = `${client}-inside`;
  const takeBack = atEnd(() => remove(ns));
  const destroy = () => {
    takeBack();
    remove(ns);
  };
  try {
    await must(['ip', 'netns', 'add', ns]);
    await must(['ip', 'link', 'add', 'inside', 'netns', client, 'type', 'veth', 'peer', LINK, 'netns', ns]);
    await must(['ip', '-n', client, '-batch', '-'], {
      input: `addr add ${ROUTER}/24 dev inside\nlink set inside up\n`,
    });
    await must(['ip', '-n', ns, '-batch', '-'], {
      input: `link set lo up\naddr add ${INSIDE}/24 dev ${LINK}\nlink set ${LINK} up\nroute add default via ${ROUTER}\n`,
    });
    await within(client, ['sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward']);
    const snat = (['udp', 'tcp'] as const).map((protocol) => `ip protocol ${protocol} snat to ${addresses[protocol]};`);
    const chain = `type nat hook postrouting priority srcnat; oifname ${LINK} ip saddr ${INSIDE} jump leave;`;
    const table = `table ip nat; delete table ip nat; table ip nat { chain leave { ${snat.join(' ')} }; chain out { ${chain} }; }\n`;
    await within(client, ['nft', '-f', '-'], table);
    return { ns, destroy };
  } catch (error) {
    destroy();
    throw error;
  }
}

async function within(ns: string, argv: readonly string[], input = ''): Promise<void> {
  const { code, stderr } = await run(ns, argv, { input });
  if (code !== 0) throw new Error(`${argv.join(' ')}: exit ${code}: ${stderr}`);
}
