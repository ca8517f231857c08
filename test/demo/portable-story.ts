import { randomBytes } from 'node:crypto';
import { sleep } from '../rig/process.ts';
import type { Programs } from './hosts.ts';
import { buildLoopback, GREETING, type Loopback } from './loopback.ts';
import { hold, type Timeline } from './timeline.ts';

const GRANT_SECONDS = 3;
const JUNK = 2000;
/** How long the daemon may take to look at what was sent to it. */
const SETTLES_WITHIN_MS = 3000;

/** The part that runs anywhere: client, message and daemon, with a firewall that only remembers. */
export async function portableStory(timeline: Timeline, programs: Programs, obstacles: readonly string[]) {
  timeline.title('Knockgate: the part of the demo that runs without root');
  timeline.note(
    [
      'The whole of it needs Linux (Debian or its like), root, and a few Debian packages.',
      ...obstacles.map((line) => `Here: ${line}.`),
      'What follows: client and daemon on loopback, with a firewall that only remembers.',
    ].join('\n'),
  );
  timeline.scene('Client and daemon');
  const loopback = await timeline.step('knockgated run --firewall memory', async () => {
    const gives = await buildLoopback(programs, GRANT_SECONDS);
    return { found: `guards tcp/${gives.port}, hears knocks on udp/${gives.knockPort}`, gives };
  });
  await knockAndExpire(timeline, loopback);
  await attacks(timeline, loopback);
  timeline.scene(`All ${timeline.held} steps held, in ${timeline.seconds.toFixed(1)} s`);
  timeline.note(
    'For nmap, ssh, nftables and a flood: sudo npm run demo, on Linux.\nHow it works: docs/architecture.md, docs/protocol.md.',
  );
}

async function knockAndExpire(timeline: Timeline, loopback: Loopback): Promise<void> {
  const { knockgate, knockgated, port, relay } = loopback;
  await timeline.step('$ knockgated list', async () => {
    hold((await grants(loopback)).length === 0, 'somebody is let in before any knock');
    return 'nobody is let in';
  });
  await timeline.step('$ knockgate knock target', async () => {
    const { code, stdout, stderr } = await knockgate('knock', 'target');
    hold(code === 0, `exit ${code}: ${stderr}`);
    return { found: `one datagram of ${relay.seen[0]?.length} bytes`, quote: stdout };
  });
  await timeline.step('$ knockgated list', async () => {
    const live = await grants(loopback);
    const [grant] = live;
    const fits = live.length === 1 && grant?.address === '127.0.0.1' && grant.port === `tcp/${port}`;
    hold(fits && grant.seconds <= GRANT_SECONDS, `not the grant that was asked for: ${JSON.stringify(live)}`);
    return { found: 'this address is let in, to that port', quote: await knockgated('list') };
  });
  await timeline.step(`$ knockgate connect target ${port}`, async () => {
    const { code, stdout, stderr } = await knockgate('connect', 'target', String(port));
    hold(code === 0 && stdout === `${GREETING}\n`, `exit ${code}: ${stderr || stdout}`);
    return { found: 'carries the connection that got through', quote: stdout };
  });
  await timeline.step('waiting for the grant to end', async () => {
    await sleep(GRANT_SECONDS * 1000);
    hold((await grants(loopback)).length === 0, 'somebody is still let in');
    return 'nobody is let in any more';
  });
}

async function attacks(timeline: Timeline, loopback: Loopback): Promise<void> {
  const { relay, knockgate, audit } = loopback;
  timeline.scene('What must not open');
  await timeline.step('the recorded knocks, sent again', async () => {
    const recorded = [...relay.seen];
    await opensNothing(loopback, recorded.length, () => sendAll(loopback, recorded));
    return `${recorded.length} datagrams, and nothing opens`;
  });
  await timeline.step('a knock with one bit flipped on its way', async () => {
    relay.damage(true);
    await opensNothing(loopback, 1, () => knockgate('knock', 'target'));
    relay.damage(false);
    hold(audit().includes('"unauthentic"'), `it should be refused as unauthentic, but: ${audit()}`);
    return 'refused: unauthentic';
  });
  await timeline.step('junk', async () => {
    const junk = Array.from({ length: JUNK }, () => randomBytes(200));
    await opensNothing(loopback, 1, () => sendAll(loopback, junk));
    return `${JUNK} datagrams, and nothing opens`;
  });
}

/** Sends in small groups: a socket's buffer is small, and what it loses would prove nothing. */
async function sendAll({ relay }: Loopback, datagrams: readonly Buffer[]): Promise<void> {
  for (const [i, datagram] of datagrams.entries()) {
    await relay.send(datagram);
    if (i % 50 === 49) await sleep(2);
  }
}

/** Does something, waits until the daemon has seen `least` datagrams more, and holds that it granted nothing. */
async function opensNothing(loopback: Loopback, least: number, act: () => Promise<unknown>): Promise<void> {
  const before = await packets(loopback);
  const start = performance.now();
  await act();
  while ((await packets(loopback)).received < before.received + least) {
    hold(performance.now() - start < SETTLES_WITHIN_MS, 'the datagrams did not reach the daemon');
    await sleep(50);
  }
  const { granted } = await packets(loopback);
  hold(granted === before.granted, `the daemon granted ${granted - before.granted} times`);
  hold((await grants(loopback)).length === 0, 'somebody is let in');
}

async function grants({ knockgated }: Loopback) {
  return JSON.parse(await knockgated('list', '--json')) as { address: string; port: string; seconds: number }[];
}

async function packets({ knockgated }: Loopback) {
  return (JSON.parse(await knockgated('status', '--json')) as { packets: { received: number; granted: number } })
    .packets;
}
