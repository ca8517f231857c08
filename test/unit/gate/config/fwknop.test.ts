import { describe, expect, it } from 'vitest';
import { parseGateConfig } from '../../../../server-helper/config/gate-config.ts';
import { planOf } from '../../../../server-helper/config/plan.ts';
import { renderTable } from '../../../../server-helper/firewall/table.ts';
import { FILE, problemOf } from '../support.ts';

const GATE = '[gate]\nknock_ports = [443]\nfwknop_port = 62201\n';
const LEAST = '[[fwknop]]\nname = "phones"\nkey_file = "/etc/knockgate/fwknop/phones"\n';

const GPG =
  'gpg_key_file = "/k"\ngpg_signer_file = "/s"\ngpg_signer = "4E69 3892 0397 911F 5171  A4AD C600 E85F 881B 8086"\n';

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
        gpg: undefined,
        hmac: 'sha256',
        ports: [{ protocol: 'tcp', first: 22, last: 22 }],
        sources: [],
        grant: 30,
        longestGrant: 300,
        notBefore: undefined,
        notAfter: undefined,
        enabled: true,
        anySource: false,
        actions: [],
        forwards: [],
        user: undefined,
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

  it('takes the keys of GnuPG, and a fingerprint as gpg prints it', () => {
    const signer = '4e6938920397911f5171a4adc600e85f881b8086';
    const gpg = { keyFile: '/k', passphraseFile: undefined, signerFile: '/s', signer };
    expect(parseGateConfig(GATE + LEAST + GPG, FILE).fwknop[0]).toMatchObject({ gpg, hmac: 'sha256' });
    const locked = `${GATE + LEAST + GPG}gpg_passphrase_file = "/p"\n`;
    expect(parseGateConfig(locked, FILE).fwknop[0]).toMatchObject({ gpg: { ...gpg, passphraseFile: '/p' } });
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
    [`${GATE + LEAST}gpg_key_file = "/k"\n`, 'gpg_key_file needs gpg_signer_file beside it'],
    [`${GATE + LEAST}gpg_passphrase_file = "/p"\n`, 'gpg_passphrase_file needs gpg_key_file beside it'],
    [`${GATE + LEAST + GPG}mode = "cbc"\n`, 'leave it out beside gpg_key_file'],
    [`${GATE + LEAST + GPG}hmac = "none"\n`, 'phones needs an HMAC'],
    [GATE + LEAST + GPG.replace('4E69', '4E6'), 'the whole fingerprint'],
    [GATE + LEAST + GPG.replace('"/k"', '"k"'), 'an absolute path'],
  ])('is refused: %j', async (text, expected) => {
    expect(await wrong(text)).toContain(expected);
  });

  it('is heard on a port of its own, so many packets a second; without it nothing of that is in the table', () => {
    const table = (text: string) => renderTable(planOf(parseGateConfig(text, FILE)));
    const rules = table(`${GATE}fwknop_rate = 7\n${LEAST}`);
    expect(rules).toContain('udp dport 62201 fib daddr type local jump fwknop');
    expect(rules).toContain('limit rate 7/second burst 7 packets counter name fwknop_heard log group 62202');
    expect(table(`${GATE}capture = "socket"\n${LEAST}`)).toContain('gate udp dport 62201 meta priority set');
    // In GnuPG's mode packets are longer, and begin otherwise.
    const shape = (text: string) => /udp length != ([0-9-]+)[^@]*@th,64,8 != (\{[^}]*\})/s.exec(table(text))?.slice(1);
    expect(shape(GATE + LEAST)).toEqual(['148-1308', '{ 0x2b, 0x2f, 0x38, 0x39 }']);
    expect(shape(GATE + LEAST + GPG)).toEqual(['148-1508', expect.stringMatching(/0x39, 0x34, 0x41, .*0x50 }$/)]);
    for (const text of ['[gate]\n', GATE]) expect(table(text)).not.toContain('fwknop');
  });
});
