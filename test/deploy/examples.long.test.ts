import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandsOf } from '../../src/command-table/entry.ts';
import { GATE } from '../../src/command-table/gate/program.ts';
import { EXAMPLES } from '../rig/examples.ts';
import { type Act, SCRIPT } from '../rig/examples-script.ts';
import { misfits } from '../rig/json-shape.ts';
import { PROD, Village } from '../rig/village.ts';

const OPENS = '/sbin/iptables -I INPUT -s %IP% -p tcp --dport 22 -j ACCEPT';
/** Files of a server that the examples name; the last is a capture without packets. */
const FILES: Readonly<Record<string, string | Uint8Array>> = {
  'etc/knockd.conf': `[openSSH]\nsequence = 7000,8000,9100\ncommand = ${OPENS}\n`,
  'etc/fwknop/access.conf': 'SOURCE ANY\nKEY_BASE64 a2tra2tra2s=\nHMAC_KEY_BASE64 aGhoaGhoaGg=\nOPEN_PORTS tcp/22\n',
  'etc/fwknop/fwknopd.conf': 'PCAP_INTF eth0;\n',
  'etc/systemd/system/pyknock.service':
    "[Service]\nExecStart=/usr/local/bin/pyknock-server $PSK 'ipset add -exist ssh_in $$ip' true\n",
  'root/pyknock.rules':
    'create ssh_in hash:ip timeout 60\n-A INPUT -p tcp -m tcp --dport 22 -m set --match-set ssh_in src -j ACCEPT\n',
  'root/pknock.rules':
    '-A INPUT -p tcp -m pknock --knockports 4002,4001,4004 --time 10 --name SSH -m tcp --dport 22 -j ACCEPT\n' +
    '-A INPUT -p udp -m pknock --knockports 2000 --opensecret --closesecret --name WEB -j DROP\n' +
    '-A INPUT -p tcp -m pknock --checkip --name WEB -m tcp --dport 443 -j ACCEPT\n',
  'etc/aldabad.conf': 'passphrase = secret-of-aldaba\ntechnique = SPA\n',
  'root/aldaba.conf': 'port = 22/tcp\n',
  'root/packets.pcap': Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex'),
};

/** Result of a line. */
interface Said {
  readonly code: number | null;
  readonly stdout: string;
  /** With what went to stderr. */
  readonly said: string;
}

/** Types a line as it is, but for the lines of keys that it shows in short. */
async function type({ at, line, answers, until }: Act, village: Village): Promise<Said> {
  const filled = await filledIn(line, village);
  if (at !== 'alice') {
    const { code, stdout, stderr } = await village.target(at).run(['bash', '-ec', onServer(filled, until)], {
      timeout: 120_000,
    });
    return { code, stdout, said: `${stdout}${stderr}` };
  }
  if (answers === undefined) {
    const { code, stdout, stderr } = await village.alice.run(filled);
    return { code, stdout, said: `${stdout}${stderr}` };
  }
  const person = village.alice.at(filled);
  try {
    for (const [question, answer] of answers) {
      await person.sees(question);
      person.type(`${answer}\r`);
    }
    const code = await person.ends();
    return { code, stdout: person.shown, said: person.shown };
  } finally {
    person.leave();
  }
}

async function filledIn(line: string, village: Village): Promise<string> {
  if (line.includes('knockgate1 gate …')) {
    const gate = await village.target('prod').must(['knockgated', 'key', '--address', PROD, '--name', 'prod']);
    return line.replace('knockgate1 gate …', gate.trim());
  }
  if (line.includes('s=…')) {
    const page = await village.target('prod').must(['knockgated', 'events', '--limit', '1', '--json']);
    return line.replace('s=…', JSON.parse(page).next);
  }
  if (!line.includes('knockgate1 client …')) return line;
  const file = line.includes('--name backup') ? 'key.pub' : 'other.pub';
  return line.replace('knockgate1 client …', readFileSync(join(village.alice.home, file), 'utf8').trim());
}

/** A line that runs on is told to end once it has said something. */
function onServer(line: string, until: string | undefined): string {
  if (until === undefined) return `cd /root\n${line}`;
  return `cd /root\n${line} >said 2>&1 & pid=$!\nuntil grep -q '${until}' said; do kill -0 $pid; sleep 0.1; done\nkill $pid; wait $pid`;
}

/** The fields of what an example prints; undefined without --json. */
function fieldsOf(line: string) {
  if (!line.includes('--json')) return undefined;
  const [, asked] = /^knockgate gate \S+ (\w+)/.exec(line) ?? [];
  if (asked !== undefined) return commandsOf(GATE).find(({ name }) => name === asked)?.json;
  return EXAMPLES.find((example) => example.line === line)?.command.json;
}

/** Fault in the end or the output of a line; undefined when all is well. */
async function faultOf(act: Act, village: Village): Promise<string | undefined> {
  try {
    const { code, said, stdout } = await type(act, village);
    if (code !== (act.code ?? 0)) return `exit ${code}: ${said}`;
    const fields = fieldsOf(act.line);
    return fields === undefined ? undefined : misfits(fields, JSON.parse(stdout)).join('\n') || undefined;
  } catch (error) {
    return String(error);
  }
}

describe('the examples of the manual', { timeout: 1_800_000 }, () => {
  let village: Village;
  beforeAll(async () => {
    village = await Village.make(['prod', 'web1', 'web2', 'web3']);
    for (const [path, content] of Object.entries(FILES)) {
      const file = join(village.target('prod').root, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
  }, 900_000);
  afterAll(() => village?.end());

  it('work, each as it is written', async () => {
    // One that fails does not keep the others from being typed.
    const failed: string[] = [];
    for (const act of SCRIPT) {
      const fault = await faultOf(act, village);
      if (fault !== undefined) failed.push(`${act.at}: ${act.line}\n${fault}`);
    }
    expect(failed).toEqual([]);
  });
});
