import fc from 'fast-check';
import { stringify } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { parseGateConfig } from '../../../../server-helper/config/gate-config.ts';
import { planOf } from '../../../../server-helper/config/plan.ts';
import { renderTable } from '../../../../server-helper/firewall/table.ts';
import { formatAddress } from '../../../../src/base/addresses.ts';
import { FILE, problemOf, SHORTEST } from '../support.ts';

const LEAST = '[[forward]]\nname = "inner"\nport = "tcp/2222"\nto = "10.0.0.5"\n';
const wrong = async (text: string) => (await problemOf(() => parseGateConfig(`[gate]\n${text}`, FILE))).what;
const table = (text: string) => renderTable(planOf(parseGateConfig(text, FILE)));

describe('[[forward]]', () => {
  it('leads to the same port, and is nobody’s who does not name it', () => {
    const { forwards, clients } = parseGateConfig(`${SHORTEST}forwards = ["inner"]\n${LEAST}`, FILE);
    expect(forwards).toMatchObject([
      { name: 'inner', port: { protocol: 'tcp', first: 2222, last: 2222 }, toPort: 2222, masquerade: false },
    ]);
    expect(clients[0]?.forwards).toEqual(forwards);
    expect(parseGateConfig(SHORTEST + LEAST, FILE).clients[0]?.forwards).toEqual([]);
  });

  it('takes every field, and leads to another port of this host without an address', () => {
    const text = `[gate]\n${LEAST.replace('10.0.0.5', 'fd00::5').replace('2222', '10000-65535')}to_port = 22\nmasquerade = true\n[[forward]]\nname = "local"\nport = "udp/53"\nto_port = 5353\n`;
    const [inner, local] = parseGateConfig(text, FILE).forwards;
    expect([inner?.toPort, inner?.masquerade, inner?.to && formatAddress(inner.to)]).toEqual([22, true, 'fd00::5']);
    expect([local?.toPort, local?.to]).toEqual([5353, undefined]);
  });

  it.each([
    ['[[client]]\nname = "a"\nforwards = ["inner"]\n', 'the name of a [[forward]]'],
    [LEAST + LEAST, 'the name inner is taken by line 2'],
    [LEAST.replace('name = "inner"\n', ''), 'needs a name'],
    [LEAST.replace('port = "tcp/2222"\n', ''), 'needs the port'],
    [LEAST.replace('to = "10.0.0.5"\n', ''), 'needs an address to lead to'],
    [LEAST.replace('10.0.0.5', 'inner.example'), 'an address such as'],
    [LEAST.replace('10.0.0.5', '127.0.0.1'), 'an address such as'],
    [LEAST.replace('10.0.0.5', '010.0.0.5'), 'an address such as'],
    [LEAST.replace('10.0.0.5', '224.0.0.1'), 'an address such as'],
    [LEAST.replace('2222', '2000-3000'), 'write to_port'],
    [`${LEAST}to_port = 0\n`, 'to_port should be'],
    [`${LEAST.replace('to = "10.0.0.5"\n', 'to_port = 1\n')}masquerade = true\n`, 'nothing is masqueraded'],
    [`${LEAST}colour = 1\n`, 'unknown key colour'],
    [LEAST.replace('[[forward]]', '[forward]'), 'write [[forward]], with two brackets'],
  ])('is refused: %j', async (text, expected) => {
    expect(await wrong(text)).toContain(expected);
  });

  it('is read exactly, or refused with its line, whatever is in it', () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.integer(),
      fc.boolean(),
      fc.constantFrom('tcp/*', '::', '::1'),
    );
    fc.assert(
      fc.property(fc.constantFrom('name', 'port', 'to', 'to_port', 'masquerade'), value, (key, bad) => {
        const forward = { name: 'a', port: 'tcp/1', to: '10.0.0.5', to_port: 1, [key]: bad };
        try {
          const text = table(stringify({ gate: {}, forward: [forward] }));
          for (const line of text.trimEnd().split('\n')) expect(line).toMatch(/^(add|flush) [ -~]+$/);
        } catch (error) {
          expect(String(error)).toMatch(/gate\.toml:[0-9]+: /);
        }
      }),
    );
  });

  it('has rules of its own in the table, which nobody has who does not use it', () => {
    const rules = table(`[gate]\n${LEAST}masquerade = true\n`);
    expect(rules).toContain('dnat ip to ip saddr . meta l4proto . th dport map @forwards4');
    expect(rules).toContain(
      'forward_out ct status dnat ip daddr 10.0.0.5 tcp dport 2222 ct original proto-dst 2222 masquerade',
    );
    expect(table(`[gate]\n${LEAST}`)).not.toContain('masquerade');
    expect(table('[gate]\n')).not.toMatch(/forward|redirect|nat /);
  });
});
