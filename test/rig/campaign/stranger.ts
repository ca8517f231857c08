import { LINK, type Pair, remove, TARGET4 } from '../netns.ts';
import { must } from '../process.ts';

/** Addresses of the target's second cable, and of the stranger at its other end. */
export const GATE4 = '198.51.100.2';
export const GATE6 = '2001:db8:77::2';
export const STRANGER4 = '198.51.100.1';
const STRANGER6 = '2001:db8:77::1';

/** A third host with a cable of its own to the target. It has no key. Returns its namespace and what deletes it. */
export async function plugStranger({ client, target }: Pair): Promise<{ ns: string; unplug(): void }> {
  const ns = client.replace(/c$/, 'x');
  await must(['ip', 'netns', 'add', ns]);
  const unplug = () => remove(ns);
  try {
    await must(['ip', 'link', 'add', LINK, 'netns', ns, 'type', 'veth', 'peer', 'eth1', 'netns', target]);
    await must(['ip', '-n', ns, '-batch', '-'], { input: lines(LINK, STRANGER4, STRANGER6) });
    await must(['ip', '-n', target, '-batch', '-'], { input: lines('eth1', GATE4, GATE6) });
    // The owner reaches that address as well.
    await must(['ip', '-n', client, 'route', 'add', GATE4, 'via', TARGET4, 'dev', LINK]);
    return { ns, unplug };
  } catch (error) {
    unplug();
    throw error;
  }
}

const lines = (link: string, four: string, six: string) =>
  [
    'link set lo up',
    `link set ${link} up`,
    `addr add ${four}/24 dev ${link}`,
    `addr add ${six}/64 dev ${link} nodad`,
    '',
  ].join('\n');
