import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { capture } from '../rig/capture.ts';
import { flood, sendDatagram } from '../rig/flood.ts';
import { CLIENT4, CLIENT6, createPair, type Pair, processesIn, rigNamespaces, TARGET4, TARGET6 } from '../rig/netns.ts';
import { counters, loadNft, setElements, tableExists } from '../rig/nft.ts';
import { nmap } from '../rig/nmap.ts';
import { isOpen, waitOpen } from '../rig/probe.ts';
import { isAlive, must, runHere, sleep } from '../rig/process.ts';
import { openSession, type Sshd, sshRun, startSshd } from '../rig/sshd.ts';

/** A table that shuts port 22 and counts what comes to the knock port. */
const TABLE = `
table inet rig {
  set shut { type inet_service; }
  set seen { typeof ip saddr . meta l4proto . th dport; flags timeout; }
  chain in {
    type filter hook prerouting priority mangle;
    ct state established accept
    tcp dport @shut drop
    udp dport 62201 counter drop comment "junk"
    udp dport 62202 reject
  }
}`;

describe('the rig', () => {
  let pair: Pair;
  let sshd: Sshd;

  beforeAll(async () => {
    pair = await createPair({ name: 'rig', clientAddresses: ['192.0.2.77/24'] });
    sshd = await startSshd(pair.target, { greeting: 'Welcome to the rig' });
  });
  afterAll(async () => {
    await sshd?.stop();
    pair?.destroy();
  });

  it('joins two hosts over IPv4 and IPv6: a real ssh logs in and shows the greeting', async () => {
    for (const host of [TARGET4, TARGET6]) {
      const { code, stdout, stderr } = await sshRun(pair.client, sshd, { host }, 'echo inside; id -un');
      expect({ code, stdout }).toEqual({ code: 0, stdout: 'inside\nroot\n' });
      expect(stderr).toContain('Welcome to the rig');
    }
    const elsewhere = { host: TARGET4, options: ['BindAddress=192.0.2.77'] };
    expect((await sshRun(pair.client, sshd, elsewhere, 'echo $SSH_CLIENT')).stdout).toMatch(/^192\.0\.2\.77 /);
    // bash counts from what sshd sets. At 1 it would have read ~/.bashrc.
    const { stdout } = await sshRun(pair.client, sshd, { host: TARGET4 }, 'echo "$BASH_VERSION $SHLVL"');
    expect(stdout).toMatch(/^(\S+ 2| \d?)\n$/);
  });

  it('keeps a session alive through a drop rule, while new connections fail', async () => {
    // The table first: connection tracking knows only what began after a rule asked for it.
    await loadNft(pair.target, TABLE);
    const session = await openSession(pair.client, sshd, { host: TARGET4 });
    await loadNft(pair.target, 'add element inet rig shut { 22, 80 }');
    expect(await session.type('still here')).toBeLessThan(2000);
    expect(await isOpen(pair.client, TARGET4, 22, 300)).toBe(false);
    const scan = await nmap(pair.client, ['-p', '20-25', '-sS', '--max-retries', '0', TARGET4]);
    expect(scan.ports.find(({ port }) => port === 22)).toMatchObject({ state: 'filtered', reason: 'no-response' });
    expect(scan.ports.find(({ port }) => port === 21)).toMatchObject({ state: 'closed' });
    await session.close();
    expect(session.alive()).toBe(false);
  });

  it('gives the same XML for two scans of the same host', async () => {
    const args = ['-sS', '-sU', '-p', 'T:20-25,U:62200-62202', '--max-retries', '0', '--reason', TARGET4];
    const [first, second] = [await nmap(pair.client, args), await nmap(pair.client, args)];
    expect(first.xml).toBe(second.xml);
    expect(first.xml).not.toMatch(/elapsed|startstr/);
    await must(['ip', 'netns', 'exec', pair.target, 'nft', 'delete', 'element', 'inet', 'rig', 'shut', '{', '22', '}']);
    expect((await nmap(pair.client, args)).xml).not.toBe(first.xml);
  });

  it('waits for a port to open and says when it did', async () => {
    await loadNft(pair.target, 'add element inet rig shut { 22 }');
    const waiting = waitOpen(pair.client, TARGET4, 22, { timeout: 5000 });
    await sleep(600);
    await loadNft(pair.target, 'delete element inet rig shut { 22 }');
    const opened = Date.now();
    const probe = await waiting;
    expect(probe).toMatchObject({ open: true });
    if (probe.open) expect(Math.abs(probe.at - opened)).toBeLessThan(200);
    expect(await waitOpen(pair.client, TARGET4, 23, { timeout: 100 })).toMatchObject({
      open: false,
      error: 'ECONNREFUSED',
    });
  });

  it('floods, and the kernel counts what was sent', async () => {
    const junk = () =>
      counters(pair.target, 'rig').then((all) => all.find(({ comment }) => comment === 'junk')?.packets);
    expect(await junk()).toBe(3);
    const { sent, failed } = await flood(pair.client, { host: TARGET4, port: 62201, count: 20_000 });
    expect({ sent, failed }).toEqual({ sent: 20_000, failed: 0 });
    expect(await junk()).toBe(20_003);
    const slow = await flood(pair.client, { host: TARGET6, port: 62201, count: 100_000, rate: 1000, timeMs: 500 });
    expect(slow.sent).toBeGreaterThan(300);
    expect(slow.sent).toBeLessThan(700);
  });

  it('captures datagrams byte for byte, and the ICMP that answers them', async () => {
    const tap = await capture(pair.client, 'udp or icmp or icmp6');
    const [quiet, loud] = [randomBytes(300), randomBytes(94)];
    await sendDatagram(pair.client, TARGET4, 62201, quiet);
    await sendDatagram(pair.client, TARGET6, 62202, loud);
    const { datagrams, icmp } = await tap.stop();
    expect(datagrams).toHaveLength(2);
    expect(datagrams[0]).toMatchObject({ from: CLIENT4, to: TARGET4, port: 62201, payload: new Uint8Array(quiet) });
    expect(datagrams[1]).toMatchObject({ from: CLIENT6, to: TARGET6, port: 62202, payload: new Uint8Array(loud) });
    expect(icmp.filter(({ version, type }) => version === 6 && type === 1)).toHaveLength(1);
    expect(icmp.filter(({ version }) => version === 4)).toEqual([]);
  });

  it('reads sets', async () => {
    await loadNft(pair.target, `add element inet rig seen { ${CLIENT4} . tcp . 22 timeout 30s }`);
    const [element] = await setElements(pair.target, 'seen', 'rig');
    expect(element).toMatchObject({ key: [CLIENT4, 'tcp', 22], timeout: 30 });
    expect(element?.expires).toBeGreaterThan(25);
    expect((await setElements(pair.target, 'shut', 'rig')).map(({ key }) => key)).toEqual([[80]]);
    expect([await tableExists(pair.target, 'rig'), await tableExists(pair.target)]).toEqual([true, false]);
  });
});

describe('cleaning up', () => {
  it('leaves no namespace and no process', async () => {
    const pair = await createPair({ name: 'gone' });
    const sshd = await startSshd(pair.target);
    const session = await openSession(pair.client, sshd, { host: TARGET4 });
    const pids = [...processesIn(pair.client), ...processesIn(pair.target)];
    expect(pids.length).toBeGreaterThan(2);
    pair.destroy();
    await sleep(100);
    expect(session.alive()).toBe(false);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(rigNamespaces()).not.toContain(pair.target);
    await sshd.stop();
  });

  it('sweeps what a killed run has left', async () => {
    const rig = JSON.stringify(new URL('../rig/netns.ts', import.meta.url).href);
    const code = `const rig = await import(${rig});
      const { createPair, exec } = rig.default ?? rig;
      const { target } = await createPair({ name: 'killed' });
      exec(target, ['sleep', '60'], { stdio: 'ignore' });
      setTimeout(() => process.kill(process.pid, process.argv[1]), 300);`;
    const argv = (signal: string) => [process.execPath, '--import', 'tsx', '--input-type=module', '-e', code, signal];
    const killed = () => rigNamespaces().filter((ns) => ns.includes('killed'));

    await runHere(argv('SIGTERM'));
    expect(killed()).toEqual([]);
    await runHere(argv('SIGKILL'));
    const left = killed();
    expect(left).toHaveLength(2);
    const orphans = left.flatMap(processesIn);
    (await createPair()).destroy();
    expect(killed()).toEqual([]);
    await sleep(50);
    expect(orphans.filter(isAlive)).toEqual([]);
  });
});
