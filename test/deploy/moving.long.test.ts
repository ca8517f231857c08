import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { runFwknop } from '../rig/fwknop-client.ts';
import { CLIENT4, LINK, TARGET4 } from '../rig/netns.ts';
import { isOpen } from '../rig/probe.ts';
import { must, sleep } from '../rig/process.ts';
import { figure, Installed } from './installed.ts';

const KEYS = { key: 'the key of the move', hmac: { type: 'sha256', key: 'the hmac key of the move' } };
const base64 = (text: string) => Buffer.from(text).toString('base64');
/** Rules that drop ssh to everybody: with fwknopd and knockd one has a rule such as the last. */
const FIREWALL = [
  'iptables -A INPUT -i lo -j ACCEPT',
  'iptables -A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT',
  'iptables -A INPUT -p tcp --dport 22 -j DROP',
];

/** The page's steps, on a booted target with a real fwknopd: docs/moving-from-fwknop.md. */
describe('a server that moves', { timeout: 300_000 }, () => {
  let gate: Installed;
  afterEach(() => gate?.end());
  const sh = (command: string) => gate.target.must(['sh', '-c', command], { timeout: 60_000 });
  const isIn = () => isOpen(gate.target.pair.client, TARGET4, 22, 1500);
  const put = (path: string, text: string, mode = 0o600) => {
    const file = join(gate.target.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, mode);
  };

  /** Puts a program of this machine, with the libraries that it needs, on the target, which has no packages of it. */
  async function bring(program: string, unit: string, text: string): Promise<void> {
    const linked = await must(['ldd', program]);
    const libraries = linked
      .split('\n')
      .flatMap((line) => /=> (\S+\/lib(?:fko|pcap|gpgme|assuan)\S*)/.exec(line)?.[1] ?? []);
    for (const file of [program, ...libraries]) {
      const folder = file === program ? dirname(file) : '/usr/local/lib';
      const path = join(gate.target.root, folder, basename(file));
      mkdirSync(dirname(path), { recursive: true });
      copyFileSync(file, path);
      chmodSync(path, 0o755);
    }
    put(`/etc/systemd/system/${unit}.service`, text, 0o644);
    await sh('ldconfig && systemctl daemon-reload');
    for (const rule of FIREWALL) await sh(rule);
    await sh(`systemctl enable --now ${unit}`);
  }

  /** Of both pages, from the trial on. @param knock by which clients get in, before and after */
  async function move(unit: string, forget: string, knock: () => Promise<void>): Promise<void> {
    expect(await isIn()).toBe(false);
    await gate.daemon('check');
    await sh('knockgated trial 300 && systemctl start knockgate');
    await sh(forget);
    await knock();
    await expect.poll(isIn, { timeout: 20_000 }).toBe(true);
    // The gate has let in, too: fwknopd's grants have a client's name, those of a sequence are the kernel's.
    await expect.poll(() => gate.daemon('list'), { timeout: 20_000 }).toContain(CLIENT4);
    await gate.daemon('confirm');
    await sh('iptables -D INPUT -p tcp --dport 22 -j DROP');
    await sh(`${forget}; knockgated flush`);
    expect(await isIn()).toBe(false);
    await sh(`systemctl disable --now ${unit}`);
    expect(await isIn()).toBe(false);
    await knock();
    await expect.poll(isIn, { timeout: 20_000 }).toBe(true);
    await sh('systemctl enable knockgate knockgate-boot');
    await gate.target.reboot();
    expect(await isIn()).toBe(false);
    await knock();
    await expect.poll(isIn, { timeout: 20_000 }).toBe(true);
  }

  it('from fwknopd is never locked out and never open to others', async () => {
    gate = await Installed.make({ name: 'moving', kind: 'firewalls' });
    put('/etc/fwknop/fwknopd.conf', `PCAP_INTF ${LINK};\nENABLE_IPT_COMMENT_CHECK Y;\nFWKNOP_RUN_DIR /run/fwknop;\n`);
    const stanza = ['SOURCE ANY', `KEY_BASE64 ${base64(KEYS.key)}`, `HMAC_KEY_BASE64 ${base64(KEYS.hmac.key)}`];
    put('/etc/fwknop/access.conf', `${[...stanza, 'OPEN_PORTS tcp/22', 'REQUIRE_SOURCE_ADDRESS Y'].join('\n')}\n`);
    const exec = '/usr/sbin/fwknopd -f -c /etc/fwknop/fwknopd.conf -a /etc/fwknop/access.conf';
    const text = `[Service]\nRuntimeDirectory=fwknop\nRuntimeDirectoryMode=0700\nExecStart=${exec}\n[Install]\nWantedBy=multi-user.target\n`;
    await bring('/usr/sbin/fwknopd', 'fwknop-server', text);
    await expect.poll(() => sh('iptables -S FWKNOP_INPUT || true'), { timeout: 20_000 }).toContain('-N FWKNOP_INPUT');
    const knock = async () => {
      // A packet names whole seconds: one of the second in which the gate came up counts as older than it.
      await sleep(1100);
      const ask = ['-A', 'tcp/22', '-a', CLIENT4];
      const done = await runFwknop(gate.target.pair.client, gate.client.configHome, ask, KEYS.key, KEYS.hmac);
      expect(done.code, done.stderr).toBe(0);
    };
    await knock();
    await expect.poll(isIn, { timeout: 20_000 }).toBe(true);
    await sh('iptables -F FWKNOP_INPUT');
    await sh(
      'knockgated import-fwknop /etc/fwknop/access.conf /etc/fwknop/fwknopd.conf > /root/gate.toml && cp /root/gate.toml /etc/knockgate/gate.toml',
    );
    await move('fwknop-server', 'iptables -F FWKNOP_INPUT 2>/dev/null || true', knock);
    figure('moving from fwknopd on a booted target: the page from its first step to the boot after');
  });
});
