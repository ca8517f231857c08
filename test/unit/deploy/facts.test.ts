import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { PACKAGE_MANAGERS } from '../../../src/deploy/packages.ts';
import { listenersOn, parseSections, readFacts } from '../../../src/deploy/preflight/facts.ts';
import { LOOK_AS_USER, lookAsRoot } from '../../../src/deploy/preflight/script.ts';

const TABLE = 'add table inet knockgate\n';

describe('the output of an inspection', () => {
  it('is read section by section, whatever is printed in them', () => {
    const sections = parseSections('@os 0\n NAME=x\n\n @node 0\n@nft 127\n sh: nft: not found\nstray\n');
    expect(sections.get('os')).toEqual({ code: 0, text: 'NAME=x\n@node 0' });
    expect(sections.get('nft')).toEqual({ code: 127, text: 'sh: nft: not found' });
    expect(sections.has('node')).toBe(false);
  });

  it.each(['sh', 'bash'])('comes from scripts that %s reads to their end', (shell) => {
    const env = { PATH: process.env.PATH, HOME: '/nonexistent', SSH_CONNECTION: '192.0.2.1 5 192.0.2.2 22' };
    const look = (input: string) => spawnSync(shell, ['-s'], { input, encoding: 'utf8', env }).stdout;
    const root = parseSections(look(lookAsRoot(TABLE, [62201], ['/etc/hostname', '/nonexistent'])));
    expect([...root.keys()].slice(0, 5)).toEqual(['os', 'init', 'booted', 'nft', 'table']);
    expect([...root.keys()].at(-1)).toBe('disk');
    const facts = readFacts('', look(LOOK_AS_USER));
    expect(facts.sshConnection).toEqual({ clientAddress: '192.0.2.1', serverAddress: '192.0.2.2', serverPort: 22 });
    expect(facts.bootId).toMatch(/^[0-9a-f-]{36}$/);
  });
});

const ROOT = `@os 0
 PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
@init 0
 systemd
@booted 0
@nft 0
 nftables v1.0.6 (Lester Gooch #5)
@table 1
 /dev/stdin:1:1-5: Error: no
@saved 0
@firewalls 0
 ufw Status: active
 unit docker
 legacy ip filter nat
@otherways 0
 address 198.51.100.1
 address 2001:db8:5::1
 address x; rm
 rule tcp dport 2222 redirect to :22
@candidates 0
 manager apt-get
 nftables 1.0.6-2
 nodejs (none)
@package 1
 dpkg-query: package 'knockgate' is not installed
@tcpdump 0
 /usr/bin/tcpdump
@node 0
 /usr/bin/node v18.20.4
@sshd 0
 port 22
 port 2222
 persourcepenalties authfail:5
@udp 0
 UNCONN 0 0 0.0.0.0:443 0.0.0.0:* users:(("caddy",pid=1,fd=5))
@files 1
 ${'a'.repeat(64)}  /usr/sbin/knockgated
 sha256sum: /x: No such file or directory
@config 0
 [gate]
 knock_ports = [62201]
 [[client]]
 name = "alice"
 key = "KEY"
@manifest 1
@folders 2
 ls: cannot access '/var/lib/knockgate': No such file or directory
 /etc/knockgate
@user 0
 knockgate:x:998:998::/:/usr/sbin/nologin
@active 0
 active
@enabled 1
 disabled
@disk 0
 Filesystem 1024-blocks Used Available Capacity Mounted on
 overlay 100 50 50000 50% /
 tmpfs 100 50 40000 50% /var
`;

describe('the facts of a target', () => {
  const user = `@sshconnection 0\n \n@host 0\n target\n@boot 0\n id\n@editornode 0\n v22.1.0 ${'b'.repeat(64)} /home/dev/.vscode-server/a b/node\n exposed /home/dev/.vscode-server/c d/node\n`;

  it('are all there', () => {
    expect(readFacts(ROOT, user)).toEqual({
      hostName: 'target',
      bootId: 'id',
      system: 'Debian GNU/Linux 12 (bookworm)',
      init: 'systemd',
      systemd: true,
      nft: '1.0.6',
      tableRefused: '/dev/stdin:1:1-5: Error: no',
      savedRefused: '',
      savedTables: [],
      firewalls: ['ufw', 'docker', 'iptables-legacy (ip filter nat)'],
      manager: PACKAGE_MANAGERS[0],
      candidates: new Map([['nftables', '1.0.6-2']]),
      packaged: false,
      tcpdump: true,
      node: { path: '/usr/bin/node', version: '18.20.4' },
      editorNodes: [{ version: '22.1.0', sha256: 'b'.repeat(64), path: '/home/dev/.vscode-server/a b/node' }],
      exposedNodes: ['/home/dev/.vscode-server/c d/node'],
      sshPorts: [22, 2222],
      penalties: true,
      routedAddresses: ['198.51.100.1', '2001:db8:5::1'],
      otherRules: ['tcp dport 2222 redirect to :22'],
      knockPortListeners: ['UNCONN 0 0 0.0.0.0:443 0.0.0.0:* users:(("caddy",pid=1,fd=5))'],
      files: new Map([['/usr/sbin/knockgated', 'a'.repeat(64)]]),
      config: '[gate]\nknock_ports = [62201]\n[[client]]\nname = "alice"\nkey = "KEY"',
      inForce: { ports: ['tcp/22'], knockPorts: [62201] },
      manifest: undefined,
      folders: ['/etc/knockgate'],
      hasUser: true,
      active: true,
      enabled: false,
      clients: new Map([['alice', 'KEY']]),
      freeKilobytes: 40000,
      sshConnection: undefined,
    });
  });

  it('contain no words that a server chose, where a document shows them unchanged', () => {
    const link = '[x](http://evil.example)';
    const hostile = `@os 0
 PRETTY_NAME="Debian ${link}"
@init 0
 systemd ${link}
@firewalls 0
 unit docker ${link}
 legacy ip ${link} nat
@candidates 0
 nftables 1.0.6${link}
@config 0
 [gate]
 ports = ["tcp/22", "${link}"]
`;
    const facts = readFacts(hostile, `@sshconnection 0\n 1.2.3.4${link} 1 192.0.2.1 22\n`);
    expect(facts).toMatchObject({
      system: 'an unknown system',
      init: '',
      firewalls: ['docker', 'iptables-legacy (ip nat)'],
      candidates: new Map(),
      inForce: { ports: ['tcp/22'] },
      sshConnection: undefined,
    });
    expect(readFacts('@os 0\n PRETTY_NAME="Rocky Linux 9.4 (Blue Onyx)"\n', '').system).toBe(
      'Rocky Linux 9.4 (Blue Onyx)',
    );
  });

  it('are those of an empty machine when the output is empty', () => {
    expect(readFacts('', '')).toMatchObject({
      systemd: false,
      nft: undefined,
      tableRefused: undefined,
      config: undefined,
    });
  });

  it.each(['[gate', '', '[other]'])('have no configuration in %j', (config) => {
    const facts = readFacts(`@config 0\n ${config}\n`, user);
    expect([facts.inForce, facts.clients.size]).toEqual([undefined, 0]);
  });

  it('say who listens on a port', () => {
    const facts = readFacts(ROOT, user);
    expect(listenersOn(facts, [443])).toHaveLength(1);
    expect(listenersOn(facts, [43, 62201])).toEqual([]);
    expect(listenersOn(readFacts('', ''), [443])).toBeUndefined();
  });
});
