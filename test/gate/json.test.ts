import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLIENT } from '../../src/command-table/client/program.ts';
import { commandsOf } from '../../src/command-table/entry.ts';
import { GATE } from '../../src/command-table/gate/program.ts';
import { formatParcel } from '../../src/fleet/parcel.ts';
import { formatClientLine } from '../../src/spa/enrolment.ts';
import { TestOrg, TestSigner } from '../rig/fleet-org.ts';
import { misfits } from '../rig/json-shape.ts';
import { HOST, Scene } from '../rig/scene.ts';

const KNOCKD = '[ssh]\nsequence = 7000,8000,9100\ncommand = iptables -A INPUT -s %IP% -p tcp --dport 22 -j ACCEPT\n';
const ACCESS = 'SOURCE ANY\nKEY_BASE64 a2tra2tra2s=\nHMAC_KEY_BASE64 aGhoaGhoaGg=\nOPEN_PORTS tcp/22\n';
const PYKNOCK = "pyknock-server PSK 'iptables -A INPUT -s $ip -p tcp --dport 22 -j ACCEPT' 'true'\n";
const PKNOCK =
  '-A INPUT -p tcp -m pknock --knockports 4002,4001,4004 --time 10 --name SSH -m tcp --dport 22 -j ACCEPT\n';
const LINE = formatClientLine({ key: new Uint8Array(32).fill(9), name: 'second' });
/** A capture file without packets. */
const PCAP = Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex');

const ORG = new TestOrg([new TestSigner('ana')]);

/** Every command of the gate, in an order in which each can be done; `@` is the folder of the files below. */
const CASES: readonly (readonly [name: string, argv?: readonly string[]])[] = [
  ['audit verify', ['@/log']],
  ['check'],
  ['grant', ['198.51.100.7']],
  ['list'],
  ['status'],
  ['activity'],
  ['events'],
  ['revoke', ['198.51.100.7']],
  ['flush'],
  ['client add', [LINE]],
  ['client list'],
  ['client remove', ['second']],
  ['fleet adopt', [ORG.org, '--as', 'web1']],
  ['fleet apply', ['@/parcel']],
  ['fleet status'],
  ['fleet leave'],
  ['rotate'],
  ['rotate', ['--finish']],
  ['key', ['--link']],
  ['sequence', ['door', '--address', '192.0.2.2']],
  ['trial', ['300']],
  ['status'],
  ['confirm'],
  ['reload'],
  ['import-knockd', ['@/knockd.conf']],
  ['import-fwknop', ['@/access.conf']],
  ['import-pyknock', ['@/pyknock.sh', '--client', LINE]],
  ['import-xt-pknock', ['@/pknock.rules']],
  ['import-aldaba', ['@/aldabad.conf', '@/aldaba.conf', '--client', LINE]],
  ['run', ['--pcap', '@/packets.pcap']],
];

describe('knockgated --json', () => {
  let scene: Scene;
  const put = (name: string, text: string | Uint8Array) => {
    writeFileSync(join(scene.gate.dir, name), text);
    scene.gate.give(join(scene.gate.dir, name));
  };
  beforeAll(async () => {
    const door = { name: 'door', steps: ['tcp/7001', 'udp/7011', 'tcp/7021'] };
    scene = await Scene.make({ name: 'json', gate: { sequences: [door] } });
    put('knockd.conf', KNOCKD);
    put('access.conf', ACCESS);
    put('pyknock.sh', PYKNOCK);
    put('pknock.rules', PKNOCK);
    put('aldabad.conf', 'passphrase = secret-of-aldaba\n');
    put('aldaba.conf', 'port = 22/tcp\n');
    put('empty.conf', '');
    put('packets.pcap', PCAP);
    const gate = { id: 'web1', key: scene.line.split(' ')[2] ?? '', teams: {} };
    put('parcel', formatParcel(ORG.head([gate], {}, [new TestSigner('ana')]).parcelFor('web1')));
  });
  afterAll(() => scene?.end());

  const fieldsOf = (program: typeof GATE, wanted: string) =>
    commandsOf(program).find(({ name }) => name === wanted)?.json ?? [];

  it('has a case for each command that takes it', () => {
    const taking = commandsOf(GATE).filter(({ json }) => json !== undefined);
    expect(new Set(CASES.map(([name]) => name))).toEqual(new Set(taking.map(({ name }) => name)));
  });

  it('prints what a client knows of an open gate likewise', async () => {
    for (const [name, ...argv] of [['knock', HOST, '--force'], ['status'], ['diagnose', HOST]] as const) {
      const { code, json, stderr } = await scene.client.json([name, ...argv]);
      expect([name, code], stderr).toEqual([name, 0]);
      expect([name, ...misfits(fieldsOf(CLIENT, name), json)]).toEqual([name]);
    }
  });

  it('prints of each command what its documentation says', async () => {
    // With the knocks of the tests before: the daemon has noted the number of the last line.
    put('log', scene.gate.events.map((line) => `${JSON.stringify(line)}\n`).join(''));
    for (const [name, argv = []] of CASES) {
      const words = [...name.split(' '), ...argv.map((word) => word.replace('@', scene.gate.dir)), '--json'];
      const { code, stdout, stderr } = await scene.gate.cli(words);
      expect([name, code, stderr]).toEqual([name, 0, '']);
      expect([name, ...misfits(fieldsOf(GATE, name), JSON.parse(stdout))]).toEqual([name]);
    }
  });

  it('prints an error as one object, beside the text for people', async () => {
    const { code, stdout, stderr } = await scene.gate.cli(['revoke', '--json', '192.0.2.0/99']);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toEqual({ error: expect.objectContaining({ code: expect.any(String) }) });
    expect(stderr).toMatch(/^knockgated: /);
    const empty = await scene.gate.cli(['import-knockd', `${scene.gate.dir}/empty.conf`, '--json']);
    expect(empty.code).toBe(3);
    expect(JSON.parse(empty.stdout)).toMatchObject({ error: { code: 'nothing-imported' } });
  });
});
