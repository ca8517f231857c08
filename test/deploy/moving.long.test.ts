import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { packDeb } from '../../scripts/deb.mjs';
import { ensureDebian } from '../../scripts/install.mjs';
import { scratch } from '../rig/cleanup.ts';
import { Client } from '../rig/client.ts';
import { installOwnDebs } from '../rig/debs.ts';
import { DIALOGUES, type Exchange, expectedLines, readDialogue } from '../rig/dialogue.ts';
import { CLIENT4, giveNames, LINK, run, TARGET4 } from '../rig/netns.ts';
import { commandsOf, type Typed } from '../rig/page.ts';
import { isOpen } from '../rig/probe.ts';
import { sleep } from '../rig/process.ts';
import { HOST_ALIAS } from '../rig/sshd.ts';
import { Target } from '../rig/target.ts';
import { figure } from './installed.ts';

/** Drops ssh to everybody: with fwknopd and knockd one has a rule such as the last. */
const FIREWALL = [
  'iptables -A INPUT -i lo -j ACCEPT',
  'iptables -A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT',
  'iptables -A INPUT -p tcp --dport 22 -j DROP',
];
const base64 = (text: string) => Buffer.from(text).toString('base64');
const KEYS = [`KEY_BASE64 ${base64('the key of the move')}`, `HMAC_KEY_BASE64 ${base64('the hmac key of the move')}`];

/** A program that lets in, as it is before the move. */
interface Program {
  readonly page: string;
  readonly unit: string;
  readonly package: string;
  /** Files of the server, and those of the client below its home. */
  readonly server: Readonly<Record<string, string>>;
  readonly client: Readonly<Record<string, string>>;
  /** Ends what it has opened. */
  readonly forget: string;
}

const OPENS = '-s %IP% -p tcp --dport 22 -j ACCEPT';
const KNOCKD_CONF = [
  '[options]',
  'UseSyslog',
  '[openSSH]',
  'sequence = 7000,8000,9000',
  'seq_timeout = 15',
  `start_command = /sbin/iptables -I INPUT ${OPENS}`,
  'cmd_timeout = 20',
  `stop_command = /sbin/iptables -D INPUT ${OPENS}`,
  'tcpflags = syn',
  '',
].join('\n');

const PROGRAMS: readonly Program[] = [
  {
    page: 'docs/moving-from-fwknop.md',
    unit: 'fwknop-server',
    package: 'fwknop-server',
    server: {
      '/etc/fwknop/fwknopd.conf': `PCAP_INTF ${LINK};\nENABLE_IPT_COMMENT_CHECK Y;\n`,
      '/etc/fwknop/access.conf': `${['SOURCE ANY', ...KEYS, 'OPEN_PORTS tcp/22', 'REQUIRE_SOURCE_ADDRESS Y'].join('\n')}\n`,
    },
    client: {
      '.fwknoprc': `${['[prod]', 'SPA_SERVER prod', `ALLOW_IP ${CLIENT4}`, 'ACCESS tcp/22', ...KEYS, 'USE_HMAC Y'].join('\n')}\n`,
    },
    forget: 'iptables -F FWKNOP_INPUT 2>/dev/null || true',
  },
  {
    page: 'docs/moving-from-knockd.md',
    unit: 'knockd',
    package: 'knockd',
    server: { '/etc/default/knockd': `KNOCKD_OPTS="-i ${LINK}"\n`, '/etc/knockd.conf': KNOCKD_CONF },
    client: { 'knockd.conf': KNOCKD_CONF },
    forget: `while iptables -D INPUT ${OPENS.replace('%IP%', CLIENT4)} 2>/dev/null; do :; done`,
  },
];

/** A server with one of these programs, and a laptop beside it. */
class Move {
  readonly target: Target;
  private readonly client: Client;
  private readonly home = scratch('moving');
  private readonly program: Program;
  /** Lines that were printed, which the page shows as `knockgate1 client …` and `knockgate1 gate …`. */
  private readonly lines = { client: '', gate: '' };

  private constructor(target: Target, program: Program) {
    this.target = target;
    this.program = program;
    this.client = new Client(target.pair.client, { configHome: this.home.dir });
  }

  static async begin(program: Program): Promise<Move> {
    const missing = await ensureDebian(['fwknop-client', 'knockd']);
    if (missing.length > 0) throw new Error(missing.map((each) => `${each.name} is missing: ${each.why}`).join('\n'));
    const move = new Move(await Target.boot({ name: 'moving', kind: 'firewalls' }), program);
    try {
      await move.prepare();
      return move;
    } catch (error) {
      await move.end();
      throw error;
    }
  }

  private async prepare(): Promise<void> {
    const { target, program, home } = this;
    giveNames(target.pair.client, { prod: [TARGET4] });
    await installOwnDebs(target, [program.package]);
    const deb = await packDeb('0.1.0', home.dir);
    copyFileSync(deb, join(target.root, 'root', basename(deb)));
    for (const [path, text] of Object.entries(program.server)) put(join(target.root, path), text);
    for (const [path, text] of Object.entries(program.client)) put(join(home.dir, path), text);
    const [node, knockgate] = this.client.argv([]);
    const files = `-o UserKnownHostsFile=${target.knownHosts} -o HostKeyAlias=${HOST_ALIAS}`;
    const ssh = `/usr/bin/ssh -F none -l ${target.user} -i ${target.identity} -o ConnectTimeout=20 ${files}`;
    put(join(home.dir, 'bin/knockgate'), `#!/bin/sh\nexec ${node} ${knockgate} "$@"\n`, 0o755);
    put(join(home.dir, 'bin/ssh'), `#!/bin/sh\nexec ${ssh} "$@"\n`, 0o755);
    await this.onServer([...FIREWALL, `systemctl enable ${program.unit}`, `systemctl restart ${program.unit}`]);
  }

  async onServer(commands: readonly string[]): Promise<string> {
    return this.target.must(['sh', '-ec', ['cd /root', ...commands].join('\n')], { timeout: 300_000 });
  }

  private async onClient(commands: readonly string[]): Promise<string> {
    const env = { ...this.client.environment, PATH: `${this.home.dir}/bin:${process.env.PATH}` };
    const shell = ['sh', '-ec', commands.join('\n')];
    const { code, stdout, stderr } = await run(this.target.pair.client, shell, {
      env,
      cwd: this.home.dir,
      timeout: 60_000,
    });
    expect(code, `${commands.join('\n')}\n${stdout}${stderr}`).toBe(0);
    return stdout;
  }

  /** Types a line of a dialogue, and returns all that is shown. */
  async say({ at, command }: Exchange): Promise<string> {
    const line = ['sh', '-c', `exec 2>&1; ${at === '' ? '' : 'cd /root; '}${command}`];
    const { client, home } = this;
    const env = { ...client.environment, PATH: `${home.dir}/bin:${process.env.PATH}` };
    const options = { env, cwd: home.dir, timeout: 60_000 };
    const { stdout } = await (at === '' ? run(this.target.pair.client, line, options) : this.target.run(line));
    return stdout;
  }

  /** Types what the page says, and returns what was printed. */
  async type({ at, commands }: Typed): Promise<string> {
    const filled = commands.map((command) =>
      command
        .replace('knockgate1 client …', this.lines.client)
        .replace('knockgate1 gate …', this.lines.gate)
        .replace('203.0.113.7', TARGET4),
    );
    const said = await (at === 'server' ? this.onServer(filled) : this.onClient(filled));
    for (const kind of ['client', 'gate'] as const)
      this.lines[kind] = new RegExp(`^knockgate1 ${kind} .*$`, 'm').exec(said)?.[0] ?? this.lines[kind];
    return said;
  }

  isOpen(): Promise<boolean> {
    return isOpen(this.target.pair.client, TARGET4, 22);
  }

  /** Ends all that both programs have opened: the next client has to get in by itself. */
  async shut(): Promise<void> {
    await this.onServer([this.program.forget, 'knockgated flush 2>/dev/null || true']);
    expect(await this.isOpen()).toBe(false);
    // A packet of fwknop names whole seconds: one of the second in which the gate came up counts as older than it.
    await sleep(1100);
  }

  async end(): Promise<void> {
    this.client.dispose();
    await this.target.end();
    this.home.discard();
  }
}

function put(file: string, text: string, mode = 0o600): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, mode);
}

const has = ({ commands }: Typed, words: string) => commands.some((command) => command.includes(words));

/** On booted targets with the real programs, as Debian's units start them. */
describe('a server that moves as the page says', { timeout: 1_200_000 }, () => {
  let move: Move;
  afterEach(() => move?.end());

  it.each(PROGRAMS)('lets its clients in all the way, and nobody else: $page', async (program) => {
    move = await Move.begin(program);
    const typed = commandsOf(program.page);
    const passed: string[] = [];
    for (const block of typed) {
      // Each client is shut out before it gets in, whatever was opened earlier.
      if (block.at === 'client' && has(block, 'ssh prod')) await move.shut();
      const said = await move.type(block);
      if (has(block, 'knockgated list')) expect(said).toContain(CLIENT4);
      if (has(block, 'knockgated trial'))
        expect(await move.onServer(['knockgated status --json'])).not.toContain('"trial":null');
      if (has(block, 'knockgated confirm'))
        expect(await move.onServer(['knockgated status --json'])).toContain('"trial":null');
      if (block.at === 'server') {
        await move.shut();
        passed.push(block.commands.join('; '));
      }
    }
    figure(
      `${program.page}: ${typed.length} blocks typed, ssh shut to others after each of ${passed.length} on the server`,
    );
    // The program has gone, and the gate stays: all the steps were there.
    expect((await move.target.run(['systemctl', 'is-active', program.unit])).stdout).toBe('inactive\n');
    await move.target.reboot();
    expect(await move.isOpen()).toBe(false);
    const knocks = typed.filter((block) => block.at === 'client' && has(block, 'ssh prod'));
    expect(knocks.length).toBeGreaterThanOrEqual(4);
    for (const block of knocks.slice(0, 1)) await move.type(block);
  });

  it.each(DIALOGUES['test/deploy/moving.long.test.ts'])('speaks as %s says', async (name) => {
    const program = PROGRAMS.find(({ page }) => page.includes(name.replace(/^\d+-/, '')));
    if (program === undefined) throw new Error(`${name} is about no program`);
    move = await Move.begin(program);
    // The page begins with the package.
    for (const block of commandsOf(program.page).slice(0, 1)) await move.type(block);
    await move.shut();
    for (const exchange of readDialogue(name)) {
      // A packet of fwknop names whole seconds, and one from before the gate came up is old.
      if (exchange.command.startsWith('fwknop')) await sleep(1100);
      const shown = (await move.say(exchange)).trimEnd().split('\n');
      expect(shown).toEqual(expectedLines(exchange, shown));
    }
  });
});
