import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashOfLine } from '../../server-helper/audit/chain.ts';
import { scratch } from '../rig/cleanup.ts';
import { installOwnDebs } from '../rig/debs.ts';
import { until } from '../rig/deployment.ts';
import { createStar, type Star } from '../rig/netns.ts';
import { must } from '../rig/process.ts';
import type { Target } from '../rig/target.ts';
import { Installed } from './installed.ts';

const EXAMPLES = resolve('examples/log-copy');
const KEYS = '/etc/ssl/log-copy';
const [GATE, LOGS] = ['gate.example', 'logs.example'];
/** Address of a grant whose trace an attacker takes out of the log. */
const TRACE = '198.51.100.66';

interface Line {
  readonly seq: number;
  readonly source?: string;
}

/** docs/log.md on two booted targets: one has the gate, the other keeps the copy. */
describe('a copy of the log on another host', () => {
  let star: Star;
  let gate: Installed;
  let logs: Installed;
  const { dir, discard } = scratch('log-copy');

  beforeAll(async () => {
    star = await createStar(2);
    const [first, second] = star.targets;
    if (first === undefined || second === undefined) throw new Error('the star has no two targets');
    gate = await Installed.armed({ name: 'logged', place: first });
    logs = await Installed.make({ name: 'logs', place: second });
    await must(['sh', join(EXAMPLES, 'certificates.sh'), dir, GATE, LOGS]);
    for (const [{ target }, name] of [
      [gate, GATE],
      [logs, LOGS],
    ] as const) {
      await installOwnDebs(target, ['systemd-journal-remote', 'rsyslog', 'rsyslog-relp']);
      for (const file of ['ca.pem', `${name}.pem`, `${name}.key`]) put(target, join(dir, file), `${KEYS}/${file}`);
    }
    await sh(gate, `echo '${second.address} ${LOGS}' >>/etc/hosts`);
  }, 600_000);
  afterAll(async () => {
    await logs?.end();
    await gate?.end();
    star?.destroy();
    discard();
  });

  describe('by systemd-journal-remote', () => {
    it('arrives whole, also what was written while the other host was away', async () => {
      put(logs.target, join(EXAMPLES, 'journal/remote.conf'), '/etc/systemd/journal-remote.conf');
      await sh(logs, `chgrp systemd-journal-remote ${KEYS}/${LOGS}.key && chmod 640 ${KEYS}/${LOGS}.key`);
      await sh(logs, 'systemctl enable --now systemd-journal-remote.socket');
      put(gate.target, join(EXAMPLES, 'journal/upload.conf'), '/etc/systemd/journal-upload.conf');
      const unit = '/etc/systemd/system/systemd-journal-upload.service.d/restart.conf';
      put(gate.target, join(EXAMPLES, 'journal/restart.conf'), unit);
      await sh(gate, `chgrp systemd-journal ${KEYS}/${GATE}.key && chmod 640 ${KEYS}/${GATE}.key`);
      await sh(gate, 'systemctl daemon-reload && systemctl enable --now systemd-journal-upload');
      await copies(journalCopy);
      await sh(logs, 'systemctl stop systemd-journal-remote.socket systemd-journal-remote.service');
      await happens();
      await sh(logs, 'systemctl start systemd-journal-remote.socket');
      await copies(journalCopy);
    });

    it('shows what root of the gate has changed', async () => {
      await showsForgery(journalCopy);
    });
  });

  describe('by rsyslog', () => {
    it('arrives whole, also what was written while the other host was away', async () => {
      put(logs.target, join(EXAMPLES, 'rsyslog/receive.conf'), '/etc/rsyslog.d/10-knockgate.conf');
      put(gate.target, join(EXAMPLES, 'rsyslog/send.conf'), '/etc/rsyslog.d/10-knockgate.conf');
      for (const host of [logs, gate]) {
        expect(await sh(host, 'rsyslogd -N1 2>&1')).not.toMatch(/error|warning/i);
        await sh(host, 'systemctl restart rsyslog');
      }
      await copies(rsyslogCopy);
      await sh(logs, 'systemctl stop rsyslog.service syslog.socket');
      await happens();
      await sh(logs, 'systemctl start rsyslog');
      await copies(rsyslogCopy);
    });

    it('has no line that another user of the gate wrote', async () => {
      const forged = '{"time":"now","seq":1,"prev":null,"event":"granted","source":"192.0.2.66"}';
      await sh(gate, `setpriv --reuid=65534 --clear-groups logger -t knockgated '${forged}'`);
      await copies(rsyslogCopy);
      expect(await rsyslogCopy()).not.toContain('192.0.2.66');
      // The rest of the journal goes where it went before, once.
      expect(await sh(gate, 'grep -c \'"source":"192.0.2.66"\' /var/log/syslog')).toBe('1\n');
    });

    it('shows what root of the gate has changed', async () => {
      await showsForgery(rsyslogCopy);
    });
  });

  const journalCopy = () =>
    sh(logs, 'journalctl -D /var/log/journal/remote _SYSTEMD_UNIT=knockgate.service -o cat --no-pager');
  const rsyslogCopy = () => sh(logs, 'cat /var/log/knockgate/*.log');
  const log = () => sh(gate, 'journalctl -u knockgate -o cat --no-pager');

  function sh({ target }: Installed, command: string): Promise<string> {
    return target.must(['sh', '-c', command], { timeout: 60_000 });
  }

  function put(target: Target, from: string, to: string): void {
    const path = join(target.root, to);
    mkdirSync(dirname(path), { recursive: true });
    copyFileSync(from, path);
  }

  /** Something that the log tells. */
  async function happens(): Promise<void> {
    await gate.daemon('grant', TRACE);
    await gate.shut();
  }

  /** Waits until the copy has what happens now, and compares it with the log as docs/log.md says. */
  async function copies(read: () => Promise<string>): Promise<void> {
    await happens();
    const last = linesOf(await log()).at(-1)?.seq;
    expect(last).toBeGreaterThan(2);
    await until('the copy', async () => linesOf(await read().catch(() => '')).at(-1)?.seq === last, 120_000);
    expect(once(linesOf(await read()))).toEqual(linesOf(await log()));
    expect(await compare(await log(), await read())).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('unchanged'),
    });
  }

  /** Root takes the trace of a grant out of the log, and writes the chain anew: only the copy shows it. */
  async function showsForgery(read: () => Promise<string>): Promise<void> {
    const copy = await read();
    let prev: string | null = null;
    const forged = (await log())
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => {
        const entry = { ...JSON.parse(line.replaceAll(TRACE, '203.0.113.5')), prev };
        const text = JSON.stringify(entry);
        prev = hashOfLine(text);
        return text;
      });
    const text = `${forged.join('\n')}\n`;
    writeFileSync(join(logs.target.root, 'root/log'), text);
    expect(await sh(logs, 'knockgated audit verify /root/log')).toContain('unchanged');
    const compared = await compare(text, copy);
    expect(compared.code).toBe(1);
    expect(compared.stdout).toMatch(/line \d+ is another one in the copy/);
  }

  /** Runs the comparison on the host that keeps the copy. */
  async function compare(text: string, copy: string) {
    for (const [name, content] of Object.entries({ log: text, copy }))
      writeFileSync(join(logs.target.root, 'root', name), content);
    return await logs.target.run(['knockgated', 'audit', 'verify', '/root/log', '--against', '/root/copy']);
  }
});

/** The lines of the audit log in a text. */
function linesOf(text: string): Line[] {
  return text.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Line] : []));
}

/** The lines without those that came twice: after an outage both ways send again what was not acknowledged. */
function once(lines: readonly Line[]): Line[] {
  return [...new Map(lines.map((line) => [line.seq, line])).values()];
}
