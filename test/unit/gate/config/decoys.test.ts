import { describe, expect, it } from 'vitest';
import { parseGateConfig } from '../../../../server-helper/config/gate-config.ts';
import { planOf } from '../../../../server-helper/config/plan.ts';
import { withDecoys } from '../../../../server-helper/decoy/rules.ts';
import { renderNoDecoys } from '../../../../server-helper/firewall/decoy-parts.ts';
import { renderTable } from '../../../../server-helper/firewall/table.ts';
import { formatPortRange } from '../../../../src/base/ports.ts';
import { FILE, problemOf, SHORTEST } from '../support.ts';

const LEAST = '[[decoy]]\nport = "tcp/22"\nto = 2222\n';
const wrong = async (text: string) => (await problemOf(() => parseGateConfig(`[gate]\n${text}`, FILE))).what;
const read = (text: string) => {
  const config = parseGateConfig(text, FILE);
  return { decoys: config.decoys, plan: withDecoys(planOf(config), config.decoys) };
};

describe('[[decoy]]', () => {
  it('leads from a hidden port to another port of this host, which is hidden as well', () => {
    const { decoys, plan } = read(`[gate]\n${LEAST}`);
    expect(decoys).toEqual([{ port: 22, to: 2222, line: 2 }]);
    expect(plan.ports.map(formatPortRange)).toEqual(['tcp/22', 'tcp/2222']);
  });

  it('may lead to a port that only a range hides', () => {
    expect(read(`[gate]\nports = ["tcp/*"]\n${LEAST}`).decoys).toHaveLength(1);
  });

  it.each([
    [LEAST.replace('port = "tcp/22"\n', ''), 'needs a hidden port'],
    [LEAST.replace('to = 2222\n', ''), 'needs to'],
    [LEAST.replace('tcp/22', 'udp/22'), 'a port such as tcp/22'],
    [LEAST.replace('tcp/22', 'tcp/22-23'), 'a port such as tcp/22'],
    [LEAST.replace('2222', '0'), 'to should be a whole number from 1 to 65535'],
    [LEAST.replace('tcp/22', 'tcp/23'), 'tcp/23 is not among the ports that the gate hides'],
    [LEAST + LEAST, 'tcp/22 leads to the decoy of line 2'],
    [LEAST.replace('2222', '22'), 'tcp/22 may be the port of a service'],
    [`ports = ["tcp/8080"]\n${LEAST.replace('tcp/22', 'tcp/8080').replace('2222', '443')}`, 'tcp/443 may be the port'],
    [
      `ports = ["tcp/*"]\n[[sequence]]\nname = "door"\nsteps = ["tcp/7003", "udp/7001", "tcp/7005"]\nports = ["tcp/2222"]\n${LEAST}`,
      'tcp/2222 is hidden by the gate',
    ],
    [
      `ports = ["tcp/*"]\n[[always_open]]\nfrom = "08:00"\nuntil = "18:00"\nports = ["tcp/2222"]\n${LEAST}`,
      'tcp/2222 is hidden by the gate',
    ],
    [`ports = ["tcp/*"]\n[[forward]]\nname = "web"\nport = "tcp/8443"\nto_port = 2222\n${LEAST}`, 'tcp/2222 is hidden'],
    [
      `ports = ["tcp/*"]\nfwknop_port = 62203\n[[fwknop]]\nname = "phone"\nkey_file = "phone"\nports = ["tcp/2222"]\n${LEAST}`,
      'tcp/2222 is hidden by the gate',
    ],
    [`ports = ["tcp/22", "tcp/2222"]\n${LEAST}`, 'tcp/2222 is hidden by the gate'],
    [
      `ports = ["tcp/*"]\n${SHORTEST.slice('[gate]\n'.length)}ports = ["tcp/2222"]\n${LEAST}`,
      'tcp/2222 is hidden by the gate',
    ],
    [`capture = "socket"\n${LEAST}`, 'there can be no [[decoy]]'],
    [`${LEAST}colour = 1\n`, 'unknown key colour'],
    [LEAST.replace('[[decoy]]', '[decoy]'), 'write [[decoy]], with two brackets'],
  ])('is refused: %j', async (text, expected) => {
    expect(await wrong(text)).toContain(expected);
  });

  it('is not in the table of a gate that has none, and can be taken out of another', () => {
    expect(renderTable(read('[gate]\n').plan)).not.toMatch(/decoy|redirect|nat /);
    const table = renderTable(read(`[gate]\n${LEAST}`).plan);
    const added = [...table.matchAll(/^add (set|chain|counter) inet knockgate (decoy\S*)/gm)].map(
      ([, kind, name]) => `delete ${kind} inet knockgate ${name}`,
    );
    expect(added.length).toBeGreaterThan(10);
    const deleted = renderNoDecoys()
      .split('\n')
      .filter((line) => line.startsWith('delete'));
    expect(deleted.sort()).toEqual(added.sort());
  });
});
