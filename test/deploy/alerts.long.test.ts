import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installOwnDebs } from '../rig/debs.ts';
import { until } from '../rig/deployment.ts';
import { CLIENT4, CLIENT6 } from '../rig/netns.ts';
import { Installed } from './installed.ts';

const EXAMPLE = resolve('examples/alerts');
const SECRET = 'a-secret';
/** Where a test receives what the examples send. */
const SMTP = 2525;
const HTTP = 8025;

/** Keeps what is sent to it, and which commands everybody could see meanwhile. */
const RECEIVER = `
const { execFileSync } = require('node:child_process');
const { appendFileSync } = require('node:fs');
require('node:http').createServer((request, answer) => {
  let body = '';
  request.on('data', (chunk) => { body += chunk; });
  request.on('end', () => {
    const seen = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
    appendFileSync('/root/received', JSON.stringify({ path: request.url, type: request.headers['content-type'], body, seen }) + '\\n');
    answer.end('thank you');
  });
}).listen(${HTTP}, '127.0.0.1');
`;

/** The examples of docs/alerts.md, on a booted target with its real unit. */
describe('an alert of examples/alerts', { timeout: 600_000 }, () => {
  let gate: Installed;
  const sh = (command: string) => gate.target.must(['sh', '-c', command], { timeout: 60_000 });
  const path = (file: string) => join(gate.target.root, file);

  beforeAll(async () => {
    gate = await Installed.armed({ name: 'alerts' });
    await installOwnDebs(gate.target, ['msmtp', 'curl', 'procps', 'python3-aiosmtpd']);
    cpSync(EXAMPLE, path('root/alerts'), { recursive: true });
    writeFileSync(path('root/receiver.cjs'), RECEIVER);
    writeFileSync(path('etc/msmtprc'), `account default\nhost 127.0.0.1\nport ${SMTP}\nfrom gate@example.net\n`);
    await sh(
      `systemd-run --unit=smtp python3 -m aiosmtpd -n -l 127.0.0.1:${SMTP} -c aiosmtpd.handlers.Mailbox /root/mail`,
    );
    await sh('systemd-run --unit=receiver node /root/receiver.cjs');
    // As docs/alerts.md has it, with the receiver's address.
    await sh('useradd --system --user-group --no-create-home --shell /usr/sbin/nologin knockgate-alert');
    await sh('chown root:knockgate-alert /etc/msmtprc; chmod 0640 /etc/msmtprc');
    await sh(`cd /root/alerts && sed -i s,https://hooks.example.net,http://127.0.0.1:${HTTP}, knockgate-webhook.curl`);
    await sh('cd /root/alerts && install -o knockgate-alert -m 0400 knockgate-webhook.curl /etc/');
    await sh('cd /root/alerts && cat mail.toml webhook.toml >>/etc/knockgate/gate.toml');
    await gate.daemon('check');
    await sh('systemctl enable --now knockgate-action.socket && systemctl reload knockgate');
  }, 400_000);
  afterAll(async () => {
    await gate?.end();
  });

  const mails = () => {
    const folder = path('root/mail/new');
    return existsSync(folder) ? readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8')) : [];
  };
  const received = () => {
    const file = path('root/received');
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
    return lines.flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, string>]));
  };

  it('is sent as a mail and to a webhook, whose address nobody sees', async () => {
    expect([mails(), received()]).toEqual([[], []]);
    await sh('nft flush ruleset');
    try {
      await until('the mail', async () => mails().length > 0, 60_000);
      await until('the webhook', async () => received().length > 0, 60_000);
    } catch (error) {
      throw new Error(`${error}\n${await gate.target.journal('knockgate*')}`);
    }
    const [mail = ''] = mails();
    expect(mail).toMatch(/^Subject: knockgate on target: firewall-lost \(1\)$/m);
    expect(mail).toMatch(/^X-RcptTo: admin@example\.net$/m);
    expect(mail).toContain('the table was flushed');
    const [{ path: at, type, body = '', seen } = {}] = received();
    expect([at, type]).toEqual([`/${SECRET}`, 'application/json']);
    expect(JSON.parse(body)).toMatchObject({ gate: 'target', alert: 'webhook', events: [{ event: 'firewall-lost' }] });
    expect(seen).toContain('curl --config /etc/knockgate-webhook.curl');
    expect(seen).not.toContain(SECRET);
    expect(await gate.target.journal('knockgate*')).not.toContain(SECRET);
  });

  it('tells of the first visit from each address of a client', async () => {
    expect(await gate.knock()).toBe(true);
    await until('the webhook', async () => received().length > 1, 120_000);
    const { events } = JSON.parse(received()[1]?.body ?? '');
    // The client knocks over IPv4 and IPv6.
    const sources = events[0].entries.map(({ source }: { source: string }) => source);
    expect([events.length, events[0].event, new Set(sources).size]).toEqual([1, 'new-address', events[0].count]);
    expect([CLIENT4, CLIENT6]).toEqual(expect.arrayContaining(sources));
  });

  it('says by OnFailure that the daemon does not answer, once', async () => {
    await sh('cd /root/alerts && cp knockgate-watch.* knockgate-silent.service /etc/systemd/system/');
    await sh('systemctl daemon-reload && systemctl enable --now knockgate-watch.timer');
    await sh('systemctl start knockgate-watch');
    const silent = () => mails().filter((mail) => mail.includes('Subject: knockgate on target does not answer'));
    expect(silent()).toEqual([]);
    await sh('systemctl stop knockgate');
    for (let i = 0; i < 3; i++) expect((await gate.target.run(['systemctl', 'start', 'knockgate-watch'])).code).toBe(1);
    await until('the mail', async () => silent().length > 0, 60_000);
    await sh('systemctl start knockgate && systemctl start knockgate-watch');
    expect(silent()).toHaveLength(1);
  });
});
