import { describe, expect, it } from 'vitest';
import { parseGateConfig } from '../../../../server-helper/config/gate-config.ts';
import { planOf } from '../../../../server-helper/config/plan.ts';
import { renderTable } from '../../../../server-helper/firewall/table.ts';
import { FILE, problemOf } from '../support.ts';

const GATE = '[gate]\nknock_ports = [443]\nfwknop_port = 62201\n';
const LEAST = '[[fwknop]]\nname = "phones"\nkey_file = "/etc/knockgate/fwknop/phones"\n';

const wrong = async (text: string) => (await problemOf(() => parseGateConfig(text, FILE))).what;

describe('[[fwknop]]', () => {
  it('has a default for everything but its name and keys', () => {
    const { gate, fwknop } = parseGateConfig(GATE + LEAST, FILE);
    expect(gate.fwknop).toEqual({ port: 62_201, rate: 100, nflogGroup: 62_202 });
    expect(fwknop).toEqual([
      {
        name: 'phones',
        keyFile: '/etc/knockgate/fwknop/phones',
        mode: 'cbc',
        hmac: 'sha256',
        ports: [{ protocol: 'tcp', first: 22, last: 22 }],
        sources: [],
        grant: 30,
        longestGrant: 300,
        notBefore: undefined,
        notAfter: undefined,
        enabled: true,
        anySource: false,
        user: undefined,
        line: 4,
      },
    ]);
  });

  it('takes every field', () => {
    const more = 'mode = "ctr"\nhmac = "none"\ngrant = 60\nany_source = true\nuser = "alice"\nenabled = false\n';
    expect(parseGateConfig(GATE + LEAST + more, FILE).fwknop[0]).toMatchObject({
      mode: 'ctr',
      hmac: undefined,
      grant: 60,
      anySource: true,
      user: 'alice',
      enabled: false,
    });
  });

  it.each([
    [`[gate]\n${LEAST}`, 'gate.toml:2: nobody would hear it'],
    [`[gate]\nfwknop_port = 443\n${LEAST}`, 'is one of knock_ports'],
    [`${GATE}fwknop_nflog_group = 62201\n`, 'each has one reader'],
    [`${GATE}[fwknop]\n`, 'write [[fwknop]], with two brackets'],
    [GATE + LEAST + LEAST, 'the name phones is taken by line 4'],
    [`${GATE}[[fwknop]]\n`, 'needs a name'],
    [`${GATE}[[fwknop]]\nname = "a"\n`, 'needs a key_file'],
    [GATE + LEAST.replace('/etc', 'etc'), 'an absolute path'],
    [`${GATE + LEAST}mode = "pcbc"\n`, 'mode should be'],
    [`${GATE + LEAST}hmac = "crc32"\n`, 'hmac should be'],
    [`${GATE + LEAST}ports = ["tcp/80"]\n`, 'not among the ports that the gate hides'],
    [`${GATE + LEAST}ports = []\n`, 'ports of phones is empty'],
    [`${GATE + LEAST}grant = 301\n`, 'grant should be'],
    [`${GATE + LEAST}user = "ä"\n`, 'the name that the client sends'],
    [`${GATE + LEAST}colour = 1\n`, 'unknown key colour'],
  ])('is refused: %j', async (text, expected) => {
    expect(await wrong(text)).toContain(expected);
  });

  it('is heard on a port of its own, so many packets a second; without it nothing of that is in the table', () => {
    const table = (text: string) => renderTable(planOf(parseGateConfig(text, FILE)));
    const rules = table(`${GATE}fwknop_rate = 7\n${LEAST}`);
    expect(rules).toContain('udp dport 62201 fib daddr type local jump fwknop');
    expect(rules).toContain('limit rate 7/second burst 7 packets counter name fwknop_heard log group 62202');
    expect(table(`${GATE}capture = "socket"\n${LEAST}`)).toContain('gate udp dport 62201 accept');
    for (const text of ['[gate]\n', GATE]) expect(table(text)).not.toContain('fwknop');
  });
});
