import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '../rig/client.ts';
import { Gate } from '../rig/gate.ts';
import { CLIENT4, createPair, type Pair, TARGET4 } from '../rig/netns.ts';
import { nmap } from '../rig/nmap.ts';
import { type Sshd, startSshd } from '../rig/sshd.ts';
import { hold, type Timeline } from './timeline.ts';

/** Bundles to run. */
export interface Programs {
  daemon: string;
  cli: string;
}

/** The two hosts and what runs on them. */
export interface Hosts {
  pair: Pair;
  sshd: Sshd;
  gate: Gate;
  client: Client;
}

/** The one UDP port on which the gate hears knocks. */
export const KNOCK_PORT = 62201;

/** Seconds that the client asks for: so short that one can watch the door shut. */
export const GRANT_SECONDS = 5;

/** More addresses of the client's, for somebody else who saw the knock pass by. */
export const STRANGER4 = '192.0.2.77';
export const STRANGER6 = '2001:db8::77';

const GREETING = 'Welcome to target. If you can read this, you have knocked.';

/** CAP_NET_ADMIN and nothing else, as proc(5) writes it. */
const NET_ADMIN_ONLY = '0000000000001000';

/** Builds the scene, and shows on the way that it is a server like any other until the gate hides it. */
export async function buildHosts(timeline: Timeline, { daemon, cli }: Programs): Promise<Hosts> {
  timeline.scene('Two hosts on this machine');
  const pair = await timeline.step('two network namespaces and a cable', async () => {
    // Not preferred: the client itself shall not use it unasked.
    const clientAddresses = [`${STRANGER4}/24`, `${STRANGER6}/64 preferred_lft 0`];
    const gives = await createPair({ name: 'demo', clientAddresses });
    return { found: `client ${CLIENT4}, target ${TARGET4}, IPv6 too`, gives };
  });
  const sshd = await timeline.step('sshd on the target', async () => {
    const gives = await startSshd(pair.target, { greeting: GREETING });
    const { ports } = await nmap(pair.client, ['-sS', '-p', '22', TARGET4]);
    hold(ports[0]?.state === 'open', `nmap says that tcp/22 is ${ports[0]?.state}, though nothing hides it yet`);
    return { found: 'nmap finds it: tcp/22 is open, as anywhere', gives };
  });
  const gateAndClient = await timeline.step('knockgated, the gate, hides every port', async () => {
    const client = new Client(pair.client, { cli });
    const clients = [{ ...(await client.keygen()), ports: ['tcp/22'] }];
    const settings = { ports: ['tcp/*', 'udp/*'], knock_ports: [KNOCK_PORT] };
    const gate = new Gate(pair.target, { daemon, settings, clients });
    await client.add(await gate.enrolmentLine('target'));
    appendFileSync(join(client.configHome, 'knockgate/hosts.toml'), `duration = ${GRANT_SECONDS}\n`);
    await gate.start();
    holdLeastPrivilege(gate.pid);
    return { found: 'runs as nobody, with CAP_NET_ADMIN and no more', gives: { gate, client } };
  });
  return { pair, sshd, ...gateAndClient };
}

function holdLeastPrivilege(pid: number | undefined): void {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const value = (name: string) => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(status)?.[1];
  hold(value('Uid') !== '0', 'the daemon runs as root');
  hold(value('CapEff') === NET_ADMIN_ONLY, `the daemon has the capabilities ${value('CapEff')}`);
}
