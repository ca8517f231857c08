import { capture } from '../rig/capture.ts';
import { run, TARGET4 } from '../rig/netns.ts';
import { setElements } from '../rig/nft.ts';
import { nmap, type Scan } from '../rig/nmap.ts';
import type { Datagram } from '../rig/pcap.ts';
import { sleep } from '../rig/process.ts';
import { openSession, type Session, sshArgs, sshRun } from '../rig/sshd.ts';
import { replayAndFlood } from './attacks.ts';
import { buildHosts, GRANT_SECONDS, type Hosts, KNOCK_PORT, type Programs } from './hosts.ts';
import { hold, type Timeline } from './timeline.ts';

/** How long ssh tries before it gives up, in seconds. */
const SSH_PATIENCE = 2;
/** How much later than asked the door may be seen shut: a look at the set takes its time on a busy machine. */
const SHUTS_WITHIN_MS = 3000;

/** The whole story, on a real gate: hidden, knocked, let in, shut again, attacked, and used in one command. */
export async function gateStory(timeline: Timeline, programs: Programs): Promise<void> {
  timeline.title('Knockgate: a server whose ports nobody sees, until somebody with a key knocks');
  timeline.note('Real nmap, ssh and nftables, in two network namespaces; nothing else is touched.');
  const hosts = await buildHosts(timeline, programs);
  try {
    await afterBuilding(timeline, hosts);
  } catch (error) {
    const lines = hosts.gate.events.slice(-10).map((line) => JSON.stringify(line));
    timeline.quote(['the last that the daemon said:', ...lines, hosts.gate.noise].join('\n'));
    throw error;
  }
}

async function afterBuilding(timeline: Timeline, hosts: Hosts): Promise<void> {
  const before = await fromOutside(timeline, hosts);
  const { session, knocks, idle, knockedAt } = await knockAndLogIn(timeline, hosts);
  await theDoorShuts(timeline, hosts, session, knockedAt);
  await timeline.step('$ nmap, both scans again', async () => {
    const after = (await scan(hosts, TCP)).xml + (await scan(hosts, UDP)).xml;
    hold(after === before, 'nmap reports something else than before the knock');
    return 'to the byte what it was before the knock';
  });
  const flood = await replayAndFlood(timeline, hosts, knocks);
  await oneCommand(timeline, hosts);

  timeline.scene(`All ${timeline.held} steps held, in ${timeline.seconds.toFixed(1)} s`);
  timeline.figure('from the knock to the open port', `${idle} ms`);
  timeline.figure(`… under ${flood.rate.toLocaleString('en')} junk packets a second`, `${flood.afterMs} ms`);
  timeline.figure('junk packets that reached the daemon', `0 of ${flood.sent.toLocaleString('en')}`);
  timeline.note('\nOn a server of your own: README.md\nHow it works: docs/architecture.md, docs/protocol.md');
}

/** Shows what anybody sees who has no key. */
async function fromOutside(timeline: Timeline, hosts: Hosts): Promise<string> {
  timeline.scene('What the world sees');
  const tcp = await timeline.step('$ nmap -sS -p 1-1000 target', async () => {
    const gives = await scan(hosts, TCP);
    hold(gives.summed.filtered === 1000 && gives.ports.length === 0, `not all are filtered: ${summary(gives)}`);
    return { found: '1000 filtered, none open, none closed', gives };
  });
  const udp = await timeline.step(`$ nmap -sU -p ${UDP_PORTS} target`, async () => {
    const gives = await scan(hosts, UDP);
    const silent = gives.ports.filter(({ state, reason }) => state === 'open|filtered' && reason === 'no-response');
    hold(silent.length === 5, `not all are silent: ${summary(gives)}`);
    return { found: `knock port ${KNOCK_PORT} looks like its neighbours`, gives };
  });
  await timeline.step('$ ssh target', () => sshTimesOut(hosts));
  return tcp.xml + udp.xml;
}

const UDP_PORTS = `${KNOCK_PORT - 2}-${KNOCK_PORT + 2}`;
const TCP = ['-sS', '-p', '1-1000'];
const UDP = ['-sU', '-p', UDP_PORTS];

function scan({ pair }: Hosts, what: readonly string[]): Promise<Scan> {
  return nmap(pair.client, [...what, '--max-retries', '1', '--min-rate', '1000', TARGET4]);
}

function summary({ summed, ports }: Scan): string {
  const sums = Object.entries(summed).map(([state, count]) => `${count} ${state}`);
  return [...sums, ...ports.slice(0, 10).map(({ protocol, port, state }) => `${protocol}/${port} ${state}`)].join(', ');
}

async function sshTimesOut({ pair, sshd }: Hosts): Promise<string> {
  const start = performance.now();
  const { code, stderr } = await sshRun(pair.client, sshd, { host: TARGET4, connectTimeout: SSH_PATIENCE }, 'true');
  hold(code === 255 && stderr.includes('timed out'), `ssh should time out, but: exit ${code} ${stderr}`);
  return `timed out after ${((performance.now() - start) / 1000).toFixed(1)} s`;
}

/** Results of the knock for later scenes. */
interface Knocked {
  session: Session;
  /** The datagrams, as somebody on the way would have recorded them. */
  knocks: Datagram[];
  /** From knock to open port, in milliseconds. */
  idle: number;
  knockedAt: number;
}

async function knockAndLogIn(timeline: Timeline, hosts: Hosts): Promise<Knocked> {
  const { pair, sshd, gate, client } = hosts;
  timeline.scene(`The knock: an encrypted datagram asks for ${GRANT_SECONDS} seconds`);
  const tap = await capture(pair.client, `udp dst port ${KNOCK_PORT}`);
  const { idle, knockedAt } = await timeline.step('$ knockgate knock target', async () => {
    const knockedAt = performance.now();
    const { code, stdout, stderr } = await client.run(['knock', 'target']);
    const idle = Number(/open after (\d+) ms/.exec(stdout)?.[1]);
    hold(code === 0 && idle >= 0, `the knock should open the port, but: exit ${code} ${stderr || stdout}`);
    return { found: `open after ${idle} ms`, quote: stdout, gives: { idle, knockedAt } };
  });
  const session = await timeline.step('$ ssh target', async () => {
    const gives = await openSession(pair.client, sshd, { host: TARGET4 });
    return { found: 'logged in; this session stays open', quote: gives.stderr(), gives };
  });
  await timeline.step('$ knockgated list', async () => {
    const { code, stdout, stderr } = await gate.cli(['list']);
    hold(code === 0 && /alice-laptop +192\.0\.2\.1 +tcp\/22 +\d/.test(stdout), `nobody is let in: ${stdout}${stderr}`);
    return { found: 'who is let in, and for how long', quote: stdout };
  });
  await timeline.step('$ nft list set inet knockgate granted4', async () => {
    const { stdout } = await run(pair.target, ['nft', 'list', 'set', 'inet', 'knockgate', 'granted4']);
    const element = /192\.0\.2\.1 \. (?:tcp|6) \. 22 timeout \S+ expires \S+/.exec(stdout)?.[0];
    hold(element !== undefined, `the grant is not in the set: ${stdout}`);
    return { found: 'it is the kernel that counts the seconds', quote: element };
  });
  const { datagrams } = await tap.stop();
  return { session, knocks: datagrams, idle, knockedAt };
}

async function theDoorShuts(timeline: Timeline, hosts: Hosts, session: Session, knockedAt: number): Promise<void> {
  timeline.scene('The door shuts');
  await timeline.step('waiting for the grant to end', async () => {
    const since = () => performance.now() - knockedAt;
    while ((await setElements(hosts.pair.target, 'granted4')).length > 0) {
      hold(since() < GRANT_SECONDS * 1000 + SHUTS_WITHIN_MS, `still open ${(since() / 1000).toFixed(1)} s after it`);
      await sleep(50);
    }
    return `nobody is let in, ${(since() / 1000).toFixed(1)} s after the knock`;
  });
  await timeline.step('$ ssh target', () => sshTimesOut(hosts));
  await timeline.step('a line typed into the old session', async () => {
    const ms = await session.type('still here');
    return `echoed after ${ms.toFixed(0)} ms: it lives on`;
  });
}

/** How it is used day by day: ssh knocks by itself. */
async function oneCommand(timeline: Timeline, hosts: Hosts): Promise<void> {
  const { pair, sshd, gate, client } = hosts;
  timeline.scene('Day by day');
  await timeline.step('$ knockgated flush', async () => {
    const { code, stderr } = await gate.cli(['flush']);
    hold(code === 0, `exit ${code}: ${stderr}`);
    hold((await setElements(pair.target, 'granted4')).length === 0, 'somebody is still let in');
    return 'nobody is let in any more';
  });
  await timeline.step('$ ssh -o ProxyCommand="knockgate connect %n %p" target', async () => {
    const proxyCommand = client
      .argv(['connect', '%n', '%p'])
      .map((word) => `'${word}'`)
      .join(' ');
    const argv = sshArgs(sshd, { host: 'target', proxyCommand });
    const { code, stdout, stderr } = await run(pair.client, [...argv, 'echo inside'], { env: client.environment });
    hold(code === 0 && stdout === 'inside\n', `the login should work, but: exit ${code} ${stderr}`);
    return { found: 'knocks and logs in with one command', quote: stderr };
  });
}
