import { cpSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { capture } from '../rig/capture.ts';
import { installOwnDebs } from '../rig/debs.ts';
import { until } from '../rig/deployment.ts';
import { flood } from '../rig/flood.ts';
import { CLIENT4, run, TARGET4 } from '../rig/netns.ts';
import { isOpen } from '../rig/probe.ts';
import { makeScanner, type Scanner } from '../rig/scanner.ts';
import { sshArgs } from '../rig/sshd.ts';
import { figure, Installed } from './installed.ts';

const EXAMPLE = resolve('examples/fail2ban');
const OTHER4 = '192.0.2.77';
/** Keeps the client's packets from the gate. */
const HOLD = `nft add table inet hold; nft add chain inet hold in '{ type filter hook prerouting priority -400; }'; nft add rule inet hold in meta l4proto udp drop`;
/** `maxretry` of the jail. */
const FAILURES = 3;

/** The fail2ban of Debian with the files of examples/fail2ban, copied and used as docs/fail2ban.md says. */
describe('fail2ban beside a gate', { timeout: 600_000 }, () => {
  let gate: Installed;
  let scanner: Scanner;

  beforeAll(async () => {
    scanner = await makeScanner();
    gate = await Installed.armed({ name: 'fail2ban', clientAddresses: [`${OTHER4}/24`], settings: {} });
    await installOwnDebs(gate.target, ['fail2ban', 'python3-systemd']);
    cpSync(EXAMPLE, join(gate.target.root, 'etc/fail2ban'), { recursive: true });
    await gate.target.must(['systemctl', 'restart', 'fail2ban'], { timeout: 60_000 });
    await until(
      'the jail',
      async () => (await gate.target.run(['fail2ban-client', 'status', 'knockgate-sshd'])).code === 0,
      60_000,
    );
  }, 400_000);
  afterAll(async () => {
    await gate?.end();
    scanner?.discard();
  });

  const grant = (to: string) => gate.daemon('grant', to);

  async function jail() {
    const text = await gate.target.must(['fail2ban-client', 'status', 'knockgate-sshd']);
    const number = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(text)?.[1]);
    const banned = /Banned IP list:[^\S\n]*(.*)/.exec(text)?.[1] ?? '';
    return { failed: number('Total failed'), total: number('Total banned'), banned: banned.split(' ').filter(Boolean) };
  }

  /** A login from an address of the client's host. */
  const login = (from: string, options: readonly string[] = [], user: string = gate.target.user) => {
    const all = [`BindAddress=${from}`, 'ConnectTimeout=3', ...options];
    return run(gate.target.pair.client, [...sshArgs(gate.target, { host: TARGET4, user, options: all }), 'echo in']);
  };
  const getsIn = async (from: string) => (await login(from)).stdout === 'in\n';
  /** Logins that fail, as with a wrong key. */
  async function fail(from: string, times: number, user?: string): Promise<void> {
    for (let i = 0; i < times; i++)
      expect((await login(from, ['PubkeyAuthentication=no'], user)).stderr).toContain('Permission denied');
  }
  /** Entries of the gate's log. */
  async function entries(wanted: string): Promise<{ source?: string; detail?: string }[]> {
    const lines = (await gate.target.must(['journalctl', '-u', 'knockgate', '-o', 'cat', '--no-pager'])).split('\n');
    return lines
      .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []))
      .filter(({ event }) => event === wanted);
  }
  const fail2banLog = () => gate.target.must(['tail', '-n', '40', '/var/log/fail2ban.log']);
  /** Logins that fail until the address is banned: fail2ban may read the last line of a quiet journal late. */
  async function untilBanned(from: string): Promise<void> {
    for (let i = 0; i < 10 && (await jail()).banned.length === 0; i++) {
      await grant(from);
      await login(from, ['PubkeyAuthentication=no']);
    }
    const { banned } = await jail();
    if (banned.join() !== from) throw new Error(`banned: ${banned.join()}\n${await fail2banLog()}`);
  }

  it("bans nobody for 1,000 forged packets with the owner's source, while the owner's grant lives or not", async () => {
    // Knocks that were recorded and held back.
    await gate.target.must(['sh', '-c', HOLD]);
    const recording = await capture(gate.target.pair.client, 'udp and ip');
    expect(await gate.knock()).toBe(false);
    const knocks = (await recording.stop()).datagrams.map(({ payload }) => payload);
    await gate.target.must(['nft', 'delete', 'table', 'inet', 'hold']);
    const altered = knocks.map((each) => each.with(each.length - 1, Number(each.at(-1)) ^ 1));
    const junk = Array.from({ length: 10 }, (_, i) => new Uint8Array(200).fill(i));
    const forge = async () => {
      const bodies = [...altered, ...junk];
      const udp = await flood(gate.target.pair.client, {
        host: TARGET4,
        port: 443,
        source: CLIENT4,
        count: 250,
        bodies,
      });
      const tcp = Array.from({ length: 250 }, () => 22);
      return udp.sent + (await scanner.scan(gate.target.pair.client, [{ protocol: 'tcp', ports: tcp }], CLIENT4));
    };
    let sent = await forge();
    await grant(CLIENT4);
    sent += await forge();
    await gate.shut();
    expect(sent).toBe(1000);
    const refused = (await entries('refused')).filter(({ source }) => source === CLIENT4);
    figure(`${sent} forged packets: ${refused.length} refusals of the owner's address in the gate's log`);
    expect(refused.length).toBeGreaterThan(0);
    // What follows is read after them.
    await grant(OTHER4);
    await fail(OTHER4, 1);
    await until('the failure is counted', async () => (await jail()).failed > 0, 30_000);
    expect(await jail()).toEqual({ failed: 1, total: 0, banned: [] });
    expect(await getsIn(CLIENT4)).toBe(false);
    expect(await gate.knock()).toBe(true);
    expect(await getsIn(CLIENT4)).toBe(true);
  });

  it('does not find a failure in the log of the gate', async () => {
    await gate.target.must(['sh', '-c', 'journalctl -u knockgate -o short --no-pager >/root/gate.log']);
    const text = await gate.target.run(['fail2ban-regex', '/root/gate.log', 'knockgate-sshd']);
    expect(text.stdout).toMatch(/Lines: [1-9]\d* lines, 0 ignored, 0 matched/);
  });

  it('does not count clients that try the port, nor logins that work', async () => {
    const before = await jail();
    for (let i = 0; i < 2 * FAILURES; i++) {
      expect(await gate.knock()).toBe(true);
      expect(await isOpen(gate.target.pair.client, TARGET4, 22)).toBe(true);
      expect(await getsIn(CLIENT4)).toBe(true);
    }
    expect(await jail()).toEqual(before);
  });

  it('bans an address that fails to log in after a grant: its new connections, not those that are up', async () => {
    await grant(OTHER4);
    const session = await gate.target.session({ options: [`BindAddress=${OTHER4}`] });
    await session.type('before');
    await fail(OTHER4, FAILURES - 1);
    await untilBanned(OTHER4);
    const revoked = async () => (await entries('revoked')).some(({ detail = '' }) => detail.includes(OTHER4));
    await until('the grant is revoked', revoked, 30_000);
    await session.type('after');
    expect(session.alive()).toBe(true);
    await session.close();
    // Nothing answers, as to somebody without a grant.
    expect((await login(OTHER4)).stderr).toMatch(/timed out/);
  });

  it('holds the ban against a new grant; others get in meanwhile, and the address when the ban is over', async () => {
    await grant(OTHER4);
    expect(await getsIn(OTHER4)).toBe(false);
    expect(await gate.knock()).toBe(true);
    expect(await getsIn(CLIENT4)).toBe(true);
    await gate.target.must(['fail2ban-client', 'set', 'knockgate-sshd', 'unbanip', OTHER4]);
    await grant(OTHER4);
    expect(await getsIn(OTHER4)).toBe(true);
  });

  it('takes the address that sshd writes, not one in the name of a user', async () => {
    const names = [`x from ${CLIENT4} port 22 ssh2`, `x ${CLIENT4} port 22 [preauth]`, 'nobody here'];
    await grant(OTHER4);
    for (const name of names) await fail(OTHER4, 1, name);
    await untilBanned(OTHER4);
  });

  it('puts its table back when somebody flushed the ruleset, with the next ban', async () => {
    await gate.target.must(['fail2ban-client', 'set', 'knockgate-sshd', 'unbanip', OTHER4]);
    const { restored } = await gate.status();
    await gate.target.must(['nft', 'flush', 'ruleset']);
    await until('the gate', async () => (await gate.status()).restored > restored, 30_000);
    await grant(OTHER4);
    await fail(OTHER4, FAILURES);
    await untilBanned(OTHER4);
    await grant(OTHER4);
    expect(await getsIn(OTHER4)).toBe(false);
  });
});
