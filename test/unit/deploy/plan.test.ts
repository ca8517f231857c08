import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { inEnglish, type Phrase, phrase } from '../../../src/base/phrase.ts';
import { targetFiles } from '../../../src/deploy/installed-files.ts';
import { planSummary, planText } from '../../../src/deploy/plan/document.ts';
import { formatManifest, parseManifest } from '../../../src/deploy/plan/manifest.ts';
import { makePlan, type PlanInput } from '../../../src/deploy/plan/plan.ts';
import type { Facts } from '../../../src/deploy/preflight/facts.ts';
import { formatKey } from '../../../src/spa/keys.ts';
import { GATE_FILES, OPTIONS, PSK, READY } from './support.ts';

const ALICE = { key: new Uint8Array(32).fill(9), name: 'alice' };
const CAROL = { key: new Uint8Array(32).fill(8), name: 'carol' };

const input = (facts: Partial<Facts> = {}, more: Partial<PlanInput> = {}): PlanInput => ({
  facts: { ...READY, ...facts },
  options: OPTIONS,
  secondWay: { kind: 'declined' },
  gateFiles: GATE_FILES,
  client: ALICE,
  psk: undefined,
  address: '192.0.2.2',
  gateName: 'prod',
  ...more,
});

const sums = new Map(
  targetFiles(GATE_FILES).map(({ path, text }) => [path, createHash('sha256').update(text).digest('hex')]),
);
/** A gate that is confirmed, and of this version. */
const IN_FORCE: Partial<Facts> = {
  files: sums,
  config: '[gate]\n',
  folders: ['/etc/knockgate', '/var/lib/knockgate'],
  hasUser: true,
  active: true,
  enabled: true,
  clients: new Map([['alice', formatKey(ALICE.key)]]),
};
const titles = (steps: readonly { title: Phrase }[]) => steps.map(({ title }) => inEnglish(title));

describe('the plan for a server without a gate', () => {
  const plan = makePlan(input());

  it('hides nothing before everything is there, and keeps nothing before it is confirmed', () => {
    expect(titles(plan.prepare)).toEqual([
      'Make the folder /usr/lib/knockgate',
      'Write /usr/lib/knockgate/knockgated.cjs',
      'Write /usr/lib/knockgate/knockgated-fwknop.cjs',
      'Write /usr/lib/systemd/system/knockgate.service',
      'Write /usr/lib/sysusers.d/knockgate.conf',
      'Write /usr/lib/tmpfiles.d/knockgate.conf',
      'Write /usr/sbin/knockgated',
      'Link manuals and completion',
      'Make the user knockgate',
      'Make the folder /etc/knockgate',
      'Make the folder /var/lib/knockgate',
      'Make the folders of tmpfiles.d',
      'Write /etc/knockgate/gate.toml',
      'Write /usr/lib/knockgate/manifest.json',
    ]);
    expect(titles(plan.arm).slice(-2)).toEqual([
      'Begin a trial of 180 seconds',
      'Start the gate, which hides the ports',
    ]);
    const before = [...plan.prepare, ...plan.arm].flatMap(({ argv }) => argv).join(' ');
    expect(before).not.toContain('enable');
    expect(titles(plan.confirm)[0]).toMatch(/^Confirm/);
    expect(plan.confirm[1]?.argv).toEqual(['systemctl', 'enable', 'knockgate.service']);
  });

  it('can take back every step that leaves something behind', () => {
    const lasting = [...plan.prepare, ...plan.arm].filter(({ undo }) => undo === undefined);
    expect(titles(lasting)).toEqual(['Make the folders of tmpfiles.d', 'Let alice knock', 'Check the configuration']);
  });

  it('installs what is missing, and asks nft before anything else', () => {
    const { prepare, packages } = makePlan(input({ nft: undefined, tcpdump: false }));
    expect(packages).toEqual(['nftables', 'tcpdump']);
    expect(titles(prepare).slice(0, 2)).toEqual([
      'Install the packages nftables, tcpdump',
      'Check the gate’s rules with nft and the kernel',
    ]);
  });

  it('leaves folders that were there, should it come to that: they may hold keys', () => {
    const undone = ({ prepare }: ReturnType<typeof makePlan>) => prepare.flatMap(({ undo }) => undo ?? []);
    expect(undone(plan)).toContain('/etc/knockgate');
    const { folders = [] } = IN_FORCE;
    expect(undone(makePlan(input({ folders })))).not.toContain('/etc/knockgate');
    expect(undone(makePlan(input({ folders })))).not.toContain('/var/lib/knockgate');
  });

  it('copies the Node of an editor with its checksum', () => {
    const editorNodes = [{ path: '/home/dev/node', version: '22.1.0', sha256: 'f'.repeat(64) }];
    const { prepare } = makePlan(input({ node: undefined, editorNodes }));
    const copy = prepare.find(({ title }) => inEnglish(title).startsWith('Copy'));
    expect(copy?.argv.slice(-3)).toEqual(['/home/dev/node', '/usr/lib/knockgate/node', 'f'.repeat(64)]);
  });

  it('enrols the second way in along with this device', () => {
    const keeper = {
      path: undefined,
      secure: async () => true,
      complete: async () => {},
      discard: async () => undefined,
    };
    const { clients } = makePlan(input({}, { secondWay: { kind: 'recovery-key', client: CAROL, keeper } }));
    expect(clients).toEqual([ALICE, CAROL]);
  });

  const context = {
    host: 'prod',
    who: 'dev@prod',
    carrier: 'ssh2',
    systemBecause: [],
    findings: [
      { id: 'x', verdict: 'note', what: phrase('it rains'), so: phrase('Take a coat.') },
      { id: 'y', verdict: 'ok', what: phrase('the road is free') },
    ],
    options: OPTIONS,
    secondWay: { kind: 'declined' },
  } as const;

  it('is written in short without single files and commands', () => {
    const text = planSummary(plan, context);
    const commands = plan.prepare.length + plan.arm.length + plan.confirm.length;
    for (const says of [
      '- · it rains. Take a coat.\n- ✓ checks passed: 1',
      '- hidden: tcp/22; knocked at: udp/443',
      `- files: ${plan.files.length} to write`,
      `Commands that run as root: ${commands}.`,
      'For 180 seconds the gate is on trial',
      '- second way in: none',
    ])
      expect(text).toContain(says);
    expect(text).not.toMatch(/the road|umask|\/usr\/sbin/);
    expect(text.split('\n').length).toBeLessThan(25);
  });

  it('is written out with every command', () => {
    const text = planText(plan, context);
    // No preview makes a link of it.
    expect(text).toContain('Logged in as `dev@prod`, by ssh2, a library in knockgate.');
    expect(text).toContain('- · it rains. Take a coat.');
    expect(text).toContain("knockgated client add 'knockgate1 client ");
    expect(text).toContain('knockgated trial 180');
    expect(text).toContain('/usr/sbin/knockgated (new)');
    // The script that writes a file is told once.
    expect(text.split('umask 077')).toHaveLength(2);
  });
});

describe('the plan for a server with a gate', () => {
  it('changes nothing when nothing has to change', () => {
    const plan = makePlan(input(IN_FORCE));
    expect([...plan.prepare, ...plan.arm, ...plan.confirm]).toEqual([]);
  });

  it('only enrols a new device', () => {
    const plan = makePlan(input(IN_FORCE, { client: CAROL }));
    expect(titles([...plan.prepare, ...plan.arm, ...plan.confirm])).toEqual(['Let carol knock']);
  });

  it('gives a device whose name is taken a name of its own', () => {
    expect(makePlan(input(IN_FORCE, { client: { ...CAROL, name: 'alice' } })).clients).toEqual([
      { ...CAROL, name: 'alice-2' },
    ]);
  });

  it('upgrades on trial, out of the way of a reboot, and goes back to the old one otherwise', () => {
    const files = new Map(sums).set('/usr/lib/knockgate/knockgated.cjs', 'old');
    const plan = makePlan(input({ ...IN_FORCE, files }));
    expect(titles(plan.prepare).filter((title) => title.startsWith('Write'))).toEqual([
      'Write /usr/lib/knockgate/knockgated.cjs',
      'Write /usr/lib/knockgate/manifest.json',
    ]);
    // Undone last of all, since steps are undone from their end.
    expect(plan.prepare[0]?.undo?.join(' ')).toContain('/run/knockgate-trial knockgate.service');
    expect(titles(plan.arm)).toContain('Do not start it at the next boot until confirmed');
    expect(plan.confirm).not.toEqual([]);
  });

  it('has the host go back by itself when nobody confirms the upgrade: the trial of one that was in force', () => {
    const files = new Map(sums).set('/usr/lib/knockgate/knockgated.cjs', 'old');
    const manifest = formatManifest({ version: '0.0.9', files: [], packages: [], node: undefined, madeUser: true });
    const plan = makePlan(input({ ...IN_FORCE, files, manifest }));
    expect(plan).toMatchObject({ goesBack: true, versions: { before: '0.0.9', now: '0.1.0' } });
    const order = titles(plan.arm);
    const open = order.indexOf('Schedule the rollback to the previous version');
    expect(open).toBeGreaterThanOrEqual(0);
    // Before what was in force is given up.
    expect(open).toBeLessThan(order.indexOf('Do not start it at the next boot until confirmed'));
    expect(plan.arm[open]?.argv.join('\n')).toContain('OnActiveSec=190');
    expect(titles(plan.confirm).slice(0, 3)).toEqual([
      'Confirm: the trial ends, the gate stays',
      'Start it at every boot',
      'End the timer of the trial, so that nothing is rolled back',
    ]);
    expect(plan.prepare[0]?.undo?.join(' ')).toContain('knockgate-rollback.timer');
  });

  it('does not go back to what was never in force', () => {
    expect(makePlan(input({ ...IN_FORCE, files: new Map(), enabled: false })).goesBack).toBe(false);
    expect(makePlan(input(IN_FORCE)).goesBack).toBe(false);
  });

  it('goes on after an interrupted upgrade, with its rollback held meanwhile', () => {
    const files = new Map(sums).set('/usr/lib/knockgate/rollback', 'x');
    const plan = makePlan(input({ ...IN_FORCE, files, enabled: false }));
    expect(plan.goesBack).toBe(true);
    expect(plan.prepare[0]).toMatchObject({
      argv: ['systemctl', 'stop', 'knockgate-rollback.timer'],
      undo: ['systemctl', 'start', 'knockgate-rollback.timer'],
    });
    expect(titles(plan.arm)).toContain('Schedule the rollback to the previous version');
    // Those of the broken-off attempt too, or a later one would go back to them.
    expect(plan.confirm.at(-2)?.argv).toContain('/usr/lib/knockgate/knockgated.cjs.knockgate-before');
  });

  it('keeps its configuration', () => {
    const plan = makePlan(input({ ...IN_FORCE, active: false, files: new Map() }));
    expect(titles(plan.prepare)).not.toContain('Write /etc/knockgate/gate.toml');
    expect(plan.prepare.flatMap(({ undo }) => undo ?? [])).not.toContain('/etc/knockgate');
  });
});

describe('the plan for a server without systemd', () => {
  const plan = makePlan(input({ systemd: false }, { options: { ...OPTIONS, withoutService: true } }));

  it('installs, and starts and hides nothing', () => {
    const steps = [...plan.prepare, ...plan.arm, ...plan.confirm];
    const commands = steps.flatMap(({ argv, undo = [] }) => [...argv, ...undo]).join('\n');
    expect(commands).not.toMatch(/systemctl|systemd-|knockgated trial|\.service|\/sysusers\.d|\/tmpfiles\.d/);
    expect(titles(plan.arm)).toEqual(['Let alice knock', 'Check the configuration']);
    expect(titles(plan.confirm)).toEqual(['Delete the copies of replaced files, if any', 'Write it all to the disk']);
    expect(titles(plan.prepare)).toContain('Write /usr/sbin/knockgated');
    expect(plan.prepare.find(({ title }) => inEnglish(title).startsWith('Make the user'))?.argv.join(' ')).toContain(
      'useradd',
    );
  });
});

describe('the manifest', () => {
  it('remembers what earlier deployments have installed', () => {
    const manifest = formatManifest({
      version: '0',
      files: ['/a'],
      packages: ['nftables'],
      node: undefined,
      madeUser: true,
    });
    const plan = makePlan(input({ ...IN_FORCE, files: new Map(), manifest, tcpdump: false }));
    const text = plan.prepare.find(({ title }) => inEnglish(title).endsWith('manifest.json'))?.stdin;
    expect(parseManifest(text)).toMatchObject({ version: '0.1.0', packages: ['nftables', 'tcpdump'], madeUser: true });
  });

  it('names nothing that is not ours: a removal deletes it as root', () => {
    const ours = [
      '/usr/lib/knockgate/knockgated.cjs',
      '/usr/lib/systemd/system/knockgate-boot.service',
      '/usr/lib/sysusers.d/knockgate.conf',
      '/usr/sbin/knockgated',
    ];
    const others = [
      '/etc/passwd',
      '/usr/sbin/sshd',
      '/usr/lib/knockgate/..',
      '/usr/lib/knockgate/../x',
      '-rf',
      '/usr/sbin/knockgated\n/x',
    ];
    const text = formatManifest({
      version: '1',
      files: [...others, ...ours],
      packages: ['nodejs', 'x; reboot', '-y'],
      node: undefined,
      madeUser: true,
    });
    expect(parseManifest(text)).toMatchObject({ files: ours, packages: ['nodejs'] });
    expect(targetFiles(GATE_FILES).map(({ path }) => path)).toEqual(
      parseManifest(
        formatManifest({
          version: '1',
          files: targetFiles(GATE_FILES).map(({ path }) => path),
          packages: [],
          node: undefined,
          madeUser: true,
        }),
      )?.files,
    );
  });

  it.each([undefined, '', 'x', '[]', '{"version":1}'])('is not made up from %j', (text) => {
    expect(parseManifest(text)).toBeUndefined();
  });
});

describe('the pre-shared key of a device', () => {
  const CAROLS: PlanInput['secondWay'] = { kind: 'device', client: CAROL };
  const words = (facts: Partial<Facts>, more: Partial<PlanInput>) =>
    makePlan(input(facts, more)).arm.map(({ argv }) => argv.join(' '));

  it('is there before the device is enrolled with it, and another device gets none', () => {
    const [folder, file, alice, carol] = words({}, { psk: PSK, secondWay: CAROLS });
    expect(folder).toBe('install -d -m 0750 -o root -g knockgate /etc/knockgate/psk');
    expect(file).toMatch(/ \/etc\/knockgate\/psk\/alice\.psk 0640 root:knockgate$/);
    expect(alice).toMatch(/^knockgated client add .* alice --psk-file \/etc\/knockgate\/psk\/alice\.psk$/);
    expect(carol).toMatch(/^knockgated client add .* carol$/);
  });

  it('has the name under which the device is enrolled', () => {
    const taken = { ...IN_FORCE, clients: new Map([['alice', formatKey(CAROL.key)]]) };
    expect(words(taken, { psk: PSK })[2]).toContain('alice-2 --psk-file /etc/knockgate/psk/alice-2.psk');
  });

  it('is not made for a device that the gate knows', () => {
    const plan = makePlan(input(IN_FORCE, { psk: PSK }));
    expect([plan.psk, plan.arm]).toEqual([undefined, []]);
  });

  it('is in no command and not in the plan that is shown, and goes when the set-up is taken back', () => {
    const plan = makePlan(input({}, { psk: PSK }));
    const shown = inEnglish(
      planText(plan, {
        host: 'prod',
        who: 'root@prod',
        carrier: 'ssh2',
        systemBecause: [],
        findings: [],
        options: OPTIONS,
        secondWay: undefined,
      }),
    );
    expect(shown).toContain('pre-shared key: a new one, for this device and the gate');
    expect(`${shown} ${words({}, { psk: PSK })}`).not.toContain(formatKey(PSK));
    const [folder, file] = plan.arm;
    expect(file?.stdin).toBe(`${formatKey(PSK)}\n`);
    expect(file?.undo?.join(' ')).toContain('rm -f "$1"; fi sh /etc/knockgate/psk/alice.psk');
    expect(folder?.undo?.join(' ')).toContain('rmdir');
    expect(plan.confirm.flatMap(({ argv }) => argv)).toContain('/etc/knockgate/psk/alice.psk.knockgate-before');
  });
});
