import { isDeepStrictEqual } from 'node:util';
import {
  hasAuthority,
  judgeHostKey,
  knownTypes,
  linesFor,
  parseKnownHosts,
} from '../../../src/deploy/connection/known-hosts.ts';
import { parseSettings } from '../../../src/deploy/connection/settings.ts';
import { formatManifest, parseManifest } from '../../../src/deploy/plan/manifest.ts';
import { listenersOn, readFacts } from '../../../src/deploy/preflight/facts.ts';
import { formatSshAuthority, parseSshAuthority } from '../../../src/ssh/authority.ts';
import { listAliases } from '../../../src/ssh/config-aliases.ts';
import { parseEffectiveConfig } from '../../../src/ssh/effective-config.ts';
import { globPart } from '../../../src/ssh/glob.ts';
import { MalformedBlock, withBlock, withoutBlock } from '../../../src/ssh/hook/marked-block.ts';
import { MalformedHostBlock, withHostBlock, withoutHostBlock } from '../../../src/ssh/host-block.ts';
import { type FuzzTarget, must, textTarget } from '../target.ts';

const HERE = { home: '/home/alice', user: 'alice', env: { USER: 'somebody', SSH_AUTH_SOCK: '/run/agent' } };
const SSH_G = `host prod
user alice
hostname prod.example
port 2222
addressfamily any
identitiesonly yes
identityfile ~/.ssh/id_%h_%r
certificatefile none
identityagent SSH_AUTH_SOCK
userknownhostsfile ~/.ssh/known_hosts /home/alice/%n
globalknownhostsfile /etc/ssh/ssh_known_hosts
proxyjump bob@jump.example:22,ssh://[2001:db8::1]:2222
stricthostkeychecking ask
hashknownhosts yes
`;
const KNOWN_HOSTS = `# comment
prod,*.example,!b.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFirst comment
[prod]:2222 ssh-rsa AAAAB3NzaC1yc2E
@revoked * ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAISecond
@cert-authority *.example ssh-rsa AAAAB3NzaC1yc2F
|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIThird
`;
const FACTS = `@os 0
 PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
@init 0
 systemd
@booted 0
@nft 0
 nftables v1.0.6 (Lester Gooch #5)
@table 1
 /dev/stdin:1:1-5: Error: no
@firewalls 0
 ufw Status: active
 legacy ip filter nat
@candidates 0
 manager apt-get
 nftables 1.0.6-2
@node 0
 /usr/bin/node v18.20.4
@sshd 0
 port 22
 persourcepenalties authfail:5
@udp 0
 UNCONN 0 0 0.0.0.0:443 0.0.0.0:* users:(("caddy",pid=1,fd=5))
@files 1
 ${'a'.repeat(64)}  /usr/sbin/knockgated
@config 0
 [gate]
 knock_ports = [62201]
 [[client]]
 name = "alice"
 key = "KEY"
@manifest 0
 {"version":"0.1.0","files":["/usr/sbin/knockgated"],"packages":["nftables"],"node":null,"madeUser":true}
@disk 0
 Filesystem 1024-blocks Used Available Capacity Mounted on
 overlay 100 50 50000 50% /
@way 0
 192.0.2.1 5 192.0.2.2 22
@editornode 0
 v22.1.0 ${'b'.repeat(64)} /home/dev/.vscode-server/a b/node
`;
const CONFIG = `# >>> knockgate >>>
# Written by Knockgate; its command "Stop Knocking for Every SSH Connection" takes it out.
Include "/home/alice/.config/knockgate/ssh_config"
# <<< knockgate <<<
Include config.d/*.conf
Host prod "two words" !no *.example
  HostName = prod.example # comment
Match host x exec "true"
  User alice
`;
const ENTRY = `# >>> knockgate prod >>>
Host prod
  Port 2222
  ProxyCommand node knockgate connect prod %p
# <<< knockgate prod <<<

Host prod
  User alice
`;
const WITHOUT_BLOCK = CONFIG.split('\n').slice(4).join('\n');

/** Readers of the output of ssh and a target, and of ssh's files. */
export const SSH_TARGETS: readonly FuzzTarget[] = [
  textTarget('ssh-settings', [SSH_G], (text) => [parseSettings('prod', text, HERE), parseEffectiveConfig(text)]),
  textTarget('known-hosts', [KNOWN_HOSTS], (text) => {
    const lines = parseKnownHosts(text, 'known_hosts');
    return ['prod', '[prod]:2222', 'a.b.c.example'].map((name) => {
      const own = linesFor(name, lines);
      return [judgeHostKey(own, 'AAAAC3NzaC1lZDI1NTE5AAAAIFirst').kind, hasAuthority(own), knownTypes(own)];
    });
  }),
  textTarget('target-facts', [FACTS], (text) => {
    const facts = readFacts(text, text);
    return [facts, listenersOn(facts, [443])];
  }),
  textTarget(
    'manifest',
    ['{"version":"0.1.0","files":["/usr/sbin/knockgated"],"packages":["nftables"],"node":null,"madeUser":true}'],
    (text) => {
      const manifest = parseManifest(text);
      if (manifest !== undefined)
        must(
          isDeepStrictEqual(parseManifest(formatManifest(manifest)), manifest),
          'changes when it is written and read',
        );
      return manifest;
    },
  ),
  textTarget(
    'ssh-authority',
    [
      'ssh-remote+prod',
      'dev-container+7b@ssh-remote+prod',
      'ssh-remote+7b22686f73744e616d65223a2250726f64222c2275736572223a22616c696365222c22706f7274223a323232327d',
      'ssh-remote+alice@\\x50rod:22',
    ],
    (text) => {
      const destination = parseSshAuthority(text);
      if (destination !== undefined)
        must(isDeepStrictEqual(parseSshAuthority(formatSshAuthority(destination)), destination), 'changes on the way');
      return destination;
    },
  ),
  textTarget('ssh-config', [CONFIG, WITHOUT_BLOCK], (text) => {
    const place = { path: 'config', includesFrom: '/home/alice/.ssh', homeFolder: '/home/alice' };
    const read = (path: string) => (path === 'config' ? text : undefined);
    return listAliases(place, { read, expand: (pattern) => [pattern] });
  }),
  textTarget(
    'ssh-config-block',
    [CONFIG, WITHOUT_BLOCK],
    (text) => {
      const without = withoutBlock(text);
      const line = 'Include "/x"';
      must(withoutBlock(withBlock(text, line)) === without, 'is not as it was before');
      must(withBlock(withBlock(text, line), line) === withBlock(text, line), 'has the block twice');
      return without;
    },
    { declares: (error) => error instanceof MalformedBlock },
  ),
  textTarget(
    'ssh-config-entry',
    [ENTRY, CONFIG],
    (text) => {
      const without = withoutHostBlock(text, 'prod') ?? text;
      const lines = ['Host prod', '  ProxyCommand node knockgate connect prod %p'];
      const during = withHostBlock(text, 'prod', lines);
      must(withoutHostBlock(during, 'prod') === without, 'is not as it was before');
      must(withHostBlock(during, 'prod', lines) === during, 'has the entry twice');
      return without;
    },
    { declares: (error) => error instanceof MalformedHostBlock },
  ),
  textTarget(
    'glob',
    ['*.conf', 'a?[!b-c]*', '[]x]', '.*'],
    (text) => {
      const matches = globPart(text);
      return ['config.conf', '.hidden', `${'a'.repeat(200)}.conf`].map(matches);
    },
    { longest: 255 },
  ),
];
