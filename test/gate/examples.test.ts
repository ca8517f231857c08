import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { formatGateLine } from '../../src/spa/enrolment.ts';
import { EXAMPLES_AT_HOME } from '../rig/examples.ts';
import { misfits } from '../rig/json-shape.ts';
import { Workplace } from '../rig/workplace.ts';

const LINE = formatGateLine({
  key: new Uint8Array(32).fill(9),
  slots: 32,
  addresses: ['203.0.113.7'],
  knockPorts: [443],
  name: 'prod',
});
const FWKNOPRC = '[bastion]\nSPA_SERVER 203.0.113.7\nACCESS tcp/22\nKEY_BASE64 a2tra2tra2s=\n';
const KNOCKD =
  '[openSSH]\nsequence = 7000,8000,9100\ncommand = iptables -A INPUT -s %IP% -p tcp --dport 22 -j ACCEPT\n';
const CONFIG = '.config/knockgate';

it('README puts the program into the PATH', async () => {
  const person = new Workplace();
  onTestFinished(person.discard);
  const readme = readFileSync('README.md', 'utf8');
  const [line] = /^mkdir -p ~\/\.local\/bin && ln -s \S+ \S+/m.exec(readme) ?? [];
  const [path] = /^export PATH=\S+/m.exec(readme) ?? [];
  const { code, stdout, stderr } = await person.run(`cd ${process.cwd()}; ${line}; ${path}; knockgate --version`);
  expect(`${code} ${stdout}${stderr}`).toMatch(/^0 knockgate \d/);
});

describe('an example that needs no server', () => {
  let template: Workplace;
  let alice: Workplace;

  beforeAll(async () => {
    template = new Workplace();
    alice = new Workplace();
    const made = await template.run(`knockgate keygen && knockgate keygen --identity ~/${CONFIG}/work`);
    expect(made.code, made.stderr).toBe(0);
    template.put(`${CONFIG}/hosts.toml`, `[prod]\ngate = "${LINE}"\n`);
    template.put('.fwknoprc', FWKNOPRC);
    template.put('knockd.conf', KNOCKD);
  });
  afterAll(() => {
    template?.discard();
    alice?.discard();
  });

  /** Each example finds the same home. */
  const begin = (line: string) => {
    rmSync(alice.home, { recursive: true });
    cpSync(template.home, alice.home, { recursive: true });
    if (line.includes(' keygen')) for (const name of ['id', 'work']) rmSync(join(alice.home, CONFIG, name));
  };

  it.each(EXAMPLES_AT_HOME.map((example) => [example.line, example] as const))('%s', async (line, { command }) => {
    begin(line);
    const { code, stdout, stderr } = await alice.run(line.replace('knockgate1 gate …', LINE));
    expect(`${code} ${stderr}`).toMatch(/^0 /);
    if (line.includes('--json')) expect(misfits(command.json ?? [], JSON.parse(stdout))).toEqual([]);
  });
});
