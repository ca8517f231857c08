import { describe, expect, it } from 'vitest';
import { parseGateConfig } from '../../../../server-helper/config/gate-config.ts';
import { importAldaba } from '../../../../server-helper/import/aldaba.ts';
import { formatNetwork } from '../../../../src/base/addresses.ts';
import { formatPortRange } from '../../../../src/base/ports.ts';

const CLIENTS = [{ key: new Uint8Array(32).fill(9), name: 'alice' }];
const SERVER = "# mine\npassphrase = 'S3cret #1'  # of all\ntechnique SPA\ncipher=AES\n";
const CLIENT = 'hostname = bastion.example\nport = 22/tcp\nport = 53/udp\naction = open\n';

function imported(server: string, client: string) {
  const result = importAldaba({ text: server, file: 'aldabad.conf' }, { text: client, file: 'aldaba.conf' }, CLIENTS);
  expect(JSON.stringify(result)).not.toContain('S3cret');
  if (result.doors === 0) return { ...result, opens: [] };
  const { gate, clients } = parseGateConfig(result.toml, 'gate.toml');
  return {
    ...result,
    hides: gate.ports.map(formatPortRange),
    grant: gate.grant,
    opens: clients.map(({ name, ports, longestGrant, sources }) =>
      [name, ports.map(formatPortRange).join(), longestGrant, ...sources.map(formatNetwork)].join(' '),
    ),
  };
}

describe('a configuration of Aldaba', () => {
  it('opens the ports that its client asks for, and no others', () => {
    expect(imported(SERVER, CLIENT)).toMatchObject({
      hides: ['tcp/22', 'udp/53'],
      grant: 60,
      opens: ['alice tcp/22,udp/53 60 0.0.0.0/0'],
    });
  });

  it('opens tcp/22 for a client that names no port, and IPv6 for one that is of IPv6', () => {
    const found = imported(SERVER, 'ip-version = IPv6\n');
    expect(found.opens).toEqual(['alice tcp/22 60 ::/0']);
    expect(found.notes.join('\n')).toContain('it names no protocol');
  });

  it('says of every setting of the server that it is left out', () => {
    const { notes } = imported(SERVER, CLIENT);
    for (const part of [':2: the passphrase', ':2: aldabad opens any port', ':3: technique', ':4: cipher'])
      expect(notes.join('\n')).toContain(`aldabad.conf${part}`);
  });

  it.each([
    ['an unknown setting of the server', `${SERVER}open-time = 5\n`, CLIENT, 'aldabad.conf:5: open-time'],
    ['an unknown setting of the client', SERVER, `${CLIENT}daemonize = yes\n`, 'aldaba.conf:5: daemonize'],
    ['a malformed line', `${SERVER}passphrase = a b\n`, CLIENT, 'aldabad.conf:5: this line is malformed'],
    ['no passphrase', 'technique = SPA\n', CLIENT, 'aldabad.conf:1: it has no passphrase'],
    ['an unknown technique', `${SERVER}technique = x\n`, CLIENT, 'aldabad.conf:5: this technique'],
    ['what aldabad does not take', `${SERVER}promiscuous = no\n`, CLIENT, 'aldabad.conf:5: aldabad does not start'],
    [
      'a filter for packets',
      `${SERVER}bpf-filter = 'src net 10.0.0.0/8'\n`,
      CLIENT,
      'aldabad.conf:5: bpf-filter limits',
    ],
    ['one interface', `${SERVER}interface = eth1\n`, CLIENT, 'aldabad.conf:5: interface limits'],
    ['another protocol', SERVER, 'port = 22/sctp\n', 'aldaba.conf:1: a gate hides ports'],
    ['port 0', SERVER, 'port = 0\n', 'aldaba.conf:1: a gate hides ports'],
    ['an action', SERVER, 'action = close\n', 'aldaba.conf:1: it asks for something else'],
    ['a forward', SERVER, 'forward-ip = 192.0.2.1\n', 'aldaba.conf:1: forward-ip'],
  ])('is left out with %s, and the line is named', (_, server, client, why) => {
    const { doors, toml, notes } = imported(server, client);
    expect([doors, toml, notes.join('\n')]).toEqual([0, '', expect.stringContaining(why)]);
  });
});
