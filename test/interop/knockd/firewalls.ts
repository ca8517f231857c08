import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Target } from '../../rig/target.ts';

/** Firewall of a target that drops everything that a test does not open. */
export type Firewall = 'iptables' | 'nft' | 'nft-ip' | 'ufw' | 'firewalld';

/** The one that a command is for. */
export function firewallOf(command: string): Firewall {
  if (/firewall-cmd/.test(command)) return 'firewalld';
  if (/\bufw/.test(command)) return 'ufw';
  // The chain INPUT of nft is the one of iptables.
  if (!/\bnft\b/.test(command) || /\bINPUT\b/.test(command)) return 'iptables';
  return /\binet\b/.test(command) ? 'nft' : 'nft-ip';
}

/** Path on the target of each firewall's initial configuration. */
const HOME = '/root/firewalls';

const TABLES = ['filter', 'nat', 'mangle', 'raw'].flatMap((table) => [`ip ${table}`, `ip6 ${table}`]);
const NOTHING = [...TABLES, 'inet filter'].map((table) => `add table ${table}\ndelete table ${table}\n`).join('');
/** Some rules are there: a command may name a position among them. */
const INPUT = '{ type filter hook input priority 0; policy drop; udp dport 9 accept; udp dport 9 accept; }';
const IPTABLES = `*filter\n:INPUT DROP [0:0]\n${'-A INPUT -p udp --dport 9 -j ACCEPT\n'.repeat(2)}COMMIT\n`;

const FILES: Readonly<Record<string, string>> = {
  nothing: NOTHING,
  nft: `table inet filter { chain input ${INPUT}; }`,
  'nft-ip': `table ip filter { chain input ${INPUT}; }\ntable ip6 filter { chain input ${INPUT}; }`,
  'iptables.v4': IPTABLES,
  'iptables.v6': IPTABLES,
  // Debian's lets in ssh.
  'public.xml': '<?xml version="1.0"?>\n<zone></zone>\n',
};

/** As firewall-cmd asks for it, without the half second in which that starts. */
const RELOAD =
  'busctl -q call org.fedoraproject.FirewallD1 /org/fedoraproject/FirewallD1 org.fedoraproject.FirewallD1 reload';

const restoreTables = (name: string) => `iptables-restore ${HOME}/${name}.v4 && ip6tables-restore ${HOME}/${name}.v6`;

/** Puts a firewall back to where nothing is open; no other is in force then. */
const SHUT: Readonly<Record<Firewall, string>> = {
  iptables: restoreTables('iptables'),
  nft: `nft -f ${HOME}/nft`,
  'nft-ip': `nft -f ${HOME}/nft-ip`,
  ufw: `cp ${HOME}/user.rules ${HOME}/user6.rules /etc/ufw/ && ${restoreTables('ufw')}`,
  firewalld: `rm -rf /etc/firewalld/zones/* /etc/firewalld/direct.xml && cp ${HOME}/public.xml /etc/firewalld/zones/ && ${RELOAD}`,
};

/** The firewalls of a target, of which one at a time is in force. */
export class Firewalls {
  private inForce: Firewall | undefined;

  private constructor(private readonly target: Target) {}

  static async make(target: Target): Promise<Firewalls> {
    const folder = join(target.root, HOME);
    mkdirSync(folder);
    for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
    const firewalls = new Firewalls(target);
    // Positions of ufw count from the first rule: there has to be one.
    await firewalls.sh('ufw allow 9/tcp && ufw --force enable');
    await firewalls.sh(
      `iptables-save > ${HOME}/ufw.v4 && ip6tables-save > ${HOME}/ufw.v6 && cp /etc/ufw/user*.rules ${HOME}`,
    );
    await firewalls.open();
    return firewalls;
  }

  /** Shuts everything by this firewall. */
  async shut(by: Firewall): Promise<void> {
    if (this.inForce === 'firewalld' && by !== 'firewalld') await this.sh('systemctl stop firewalld');
    if (by === 'firewalld' && this.inForce !== by)
      await this.sh(`cp ${HOME}/public.xml /etc/firewalld/zones/ && systemctl start firewalld`);
    this.inForce = by;
    await this.sh(`nft -f ${HOME}/nothing && ${SHUT[by]}`);
  }

  /** Takes all of them out of force. */
  async open(): Promise<void> {
    if (this.inForce === 'firewalld') await this.sh('systemctl stop firewalld');
    this.inForce = undefined;
    await this.sh(`nft -f ${HOME}/nothing`);
  }

  private sh(command: string): Promise<string> {
    return this.target.must(['sh', '-c', command], { timeout: 60_000 });
  }
}
