import { run } from '../../test/rig/netns.ts';
import { SERVICE_PORT } from '../prober.ts';

/** The firewall that fwknopd and knockd open, as their manuals have it: everything drops but what is established. */
export async function closeWithIptables(ns: string, accepted: readonly string[] = []): Promise<void> {
  await restore(ns, [
    ':INPUT DROP [0:0]',
    '-A INPUT -i lo -j ACCEPT',
    '-A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT',
    ...accepted.map((rule) => `-A INPUT ${rule} -j ACCEPT`),
  ]);
}

/** Adds the rules of these live grants to a chain; `more` is what the daemon would add to each. */
export async function grantWithIptables(ns: string, chain: string, addresses: readonly string[], more = '') {
  const rule = (address: string) => `-A ${chain} -s ${address} -p tcp -m tcp --dport ${SERVICE_PORT} ${more}-j ACCEPT`;
  if (addresses.length > 0) await restore(ns, addresses.map(rule));
}

async function restore(ns: string, lines: readonly string[]): Promise<void> {
  const input = ['*filter', ...lines, 'COMMIT', ''].join('\n');
  const { code, stderr } = await run(ns, ['iptables-restore', '--noflush'], { input, timeout: 60_000 });
  if (code !== 0) throw new Error(`iptables-restore: exit ${code}: ${stderr.trim()}`);
}
