import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandsOf } from '../../src/command-table/entry.ts';
import { GATE } from '../../src/command-table/gate/program.ts';
import { EXAMPLES } from '../rig/examples.ts';
import { type Act, SCRIPT } from '../rig/examples-script.ts';
import { misfits } from '../rig/json-shape.ts';
import { createStar, giveNames, LINK, type Star } from '../rig/netns.ts';
import { must } from '../rig/process.ts';
import { HOST_ALIAS } from '../rig/sshd.ts';
import { Target } from '../rig/target.ts';
import { Workplace } from '../rig/workplace.ts';

const NAMES = ['prod', 'web1', 'web2', 'web3'] as const;
/** The address of prod in the examples. */
const PROD = '203.0.113.7';
const OPENS = '/sbin/iptables -I INPUT -s %IP% -p tcp --dport 22 -j ACCEPT';
/** Files of a server that the examples name; the last is a capture without packets. */
const FILES: Readonly<Record<string, string | Uint8Array>> = {
  'etc/knockd.conf': `[openSSH]\nsequence = 7000,8000,9100\ncommand = ${OPENS}\n`,
  'etc/fwknop/access.conf': 'SOURCE ANY\nKEY_BASE64 a2tra2tra2s=\nHMAC_KEY_BASE64 aGhoaGhoaGg=\nOPEN_PORTS tcp/22\n',
  'etc/fwknop/fwknopd.conf': 'PCAP_INTF eth0;\n',
  'root/packets.pcap': Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex'),
};

/** A person with a computer, and four servers. */
class Village {
  readonly targets = new Map<string, Target>();
  private readonly star: Star;
  readonly alice: Workplace;

  constructor(star: Star) {
    this.star = star;
    this.alice = new Workplace(star.client);
  }

  async boot(): Promise<void> {
    const { star, alice, targets } = this;
    for (const [i, name] of NAMES.entries()) {
      const place = star.targets[i];
      if (place === undefined) throw new Error(`there is no place for ${name}`);
      const target = await Target.boot({ name, place, disk: '512m' });
      targets.set(name, target);
      for (const [path, content] of Object.entries(FILES)) {
        mkdirSync(dirname(join(target.root, path)), { recursive: true });
        writeFileSync(join(target.root, path), content);
      }
    }
    const prod = this.target('prod');
    await must(['ip', '-n', prod.pair.target, 'addr', 'add', `${PROD}/32`, 'dev', LINK]);
    await must(['ip', '-n', star.client, 'route', 'add', `${PROD}/32`, 'via', prod.address]);
    const addresses = NAMES.map((name) => [name, name === 'prod' ? PROD : this.target(name).address] as const);
    giveNames(star.client, Object.fromEntries(addresses.map(([name, address]) => [name, [address]])));
    const known = addresses.map(([name]) =>
      readFileSync(this.target(name).knownHosts, 'utf8').replace(HOST_ALIAS, name),
    );
    alice.put('.ssh/known_hosts', known.join(''));
    alice.put('ssh_key', readFileSync(prod.identity, 'utf8'));
    const blocks = addresses.flatMap(([name, address]) => [
      `Host ${name}${name === 'prod' ? ` ${PROD}` : ''}`,
      ...[`HostName ${address}`, `User ${prod.user}`, `IdentityFile ${this.target(name).identity}`],
      `HostKeyAlias ${name}`,
    ]);
    const config = [...blocks, 'Host *', `UserKnownHostsFile ${alice.home}/.ssh/known_hosts`, ''].join('\n');
    alice.put('.ssh/config', config);
    alice.put('ssh.conf', config);
  }

  target(name: string): Target {
    const target = this.targets.get(name);
    if (target === undefined) throw new Error(`${name} was not booted`);
    return target;
  }

  /** Types a line as it is, but for the lines of keys that it shows in short. */
  async type({ at, line, answers, until }: Act): Promise<{ code: number | null; said: string; stdout: string }> {
    const filled = await this.filled(line);
    if (at !== 'alice') {
      const { code, stdout, stderr } = await this.target(at).run(['bash', '-ec', onServer(filled, until)], {
        cwd: '/root',
        timeout: 120_000,
      });
      return { code, stdout, said: `${stdout}${stderr}` };
    }
    if (answers === undefined) {
      const { code, stdout, stderr } = await this.alice.run(filled);
      return { code, stdout, said: `${stdout}${stderr}` };
    }
    const person = this.alice.at(filled);
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

  private async filled(line: string): Promise<string> {
    if (line.includes('knockgate1 gate …')) {
      const gate = await this.target('prod').must(['knockgated', 'key', '--address', PROD, '--name', 'prod']);
      return line.replace('knockgate1 gate …', gate.trim());
    }
    if (!line.includes('knockgate1 client …')) return line;
    const file = line.includes('--name backup') ? 'key.pub' : 'other.pub';
    return line.replace('knockgate1 client …', readFileSync(join(this.alice.home, file), 'utf8').trim());
  }

  async end(): Promise<void> {
    this.alice.discard();
    for (const target of this.targets.values()) await target.end();
    this.star.destroy();
  }
}

/** A line that runs on is told to end once it has said something. */
function onServer(line: string, until: string | undefined): string {
  if (until === undefined) return line;
  return `${line} >said 2>&1 & pid=$!\nuntil grep -q '${until}' said; do kill -0 $pid; sleep 0.1; done\nkill $pid; wait $pid`;
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
    const { code, said, stdout } = await village.type(act);
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
    village = new Village(await createStar(NAMES.length));
    await village.boot();
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
