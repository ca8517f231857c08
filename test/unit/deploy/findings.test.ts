import { describe, expect, it } from 'vitest';
import { parseNetwork } from '../../../src/base/addresses.ts';
import { inEnglish } from '../../../src/base/phrase.ts';
import { OWN_NODE } from '../../../src/deploy/installed-files.ts';
import { formatManifest } from '../../../src/deploy/plan/manifest.ts';
import type { Facts } from '../../../src/deploy/preflight/facts.ts';
import { judge } from '../../../src/deploy/preflight/findings.ts';
import { chooseNode, neededPackages } from '../../../src/deploy/preflight/needs.ts';
import { OPTIONS, READY, SETTINGS } from './support.ts';

const CLOCK = { offsetMs: 100, uncertaintyMs: 5, wallMs: 1_800_000_000_000 };

/** Findings other than "ok", as `id verdict`. */
function unwell(changes: Partial<Facts>, { settings = {}, clock = CLOCK, options = {} } = {}) {
  const findings = judge(
    { ...READY, ...changes },
    clock,
    { ...SETTINGS, ...settings },
    { ...OPTIONS, ...options },
    '0.2.0',
  );
  return findings.filter(({ verdict }) => verdict !== 'ok').map(({ id, verdict }) => `${id} ${verdict}`);
}

describe('a preflight', () => {
  it('installs without a service only where there is no systemd, and only when asked to', () => {
    const openrc = { systemd: false, init: 'openrc-init' };
    const options = { withoutService: true };
    expect(unwell(openrc)).toEqual(['system stop']);
    expect(unwell(openrc, { options })).toEqual(['system note']);
    expect(unwell({}, { options })).toEqual(['system stop']);
  });

  it('has nothing against a server that has everything', () => {
    expect(unwell({})).toEqual([]);
  });

  it.each<[string, Partial<Facts>, string[]]>([
    ['another init', { systemd: false, init: 'openrc-init' }, ['system stop']],
    ['the other Debian that was tested', { system: 'Debian GNU/Linux 13 (trixie)' }, []],
    ['a system that was not tested', { system: 'Ubuntu 24.04.1 LTS' }, ['system note']],
    [
      'a system that was not tested, whose nft refuses the table',
      { system: 'Debian GNU/Linux 130 (x)', tableRefused: 'Error' },
      ['system note', 'nft stop'],
    ],
    ['no nftables, which apt has', { nft: undefined, tableRefused: undefined, savedRefused: undefined }, ['nft note']],
    ['no nftables, and no apt', { nft: undefined, candidates: undefined, manager: undefined }, ['nft stop']],
    ['an old nft', { nft: '1.0.2' }, ['nft stop']],
    ['an nft that was not tried', { nft: '1.0.5' }, ['nft stop']],
    [
      'no nftables, and apt has one that was not tried',
      { nft: undefined, candidates: new Map([['nftables', '1.0.2-1ubuntu3']]) },
      ['nft stop'],
    ],
    [
      'no nftables, and apt has a newer one',
      { nft: undefined, candidates: new Map([['nftables', '1:1.1.3-1']]) },
      ['nft note'],
    ],
    ['an older nft', { nft: '0.9.8' }, ['nft stop']],
    ['a newer nft', { nft: '1.1' }, []],
    ['a kernel without what the table needs', { tableRefused: 'Error: Operation not permitted' }, ['nft stop']],
    ['a ruleset that does not load again', { savedRefused: 'Error' }, ['saved ask']],
    ['other firewalls', { firewalls: ['ufw', 'docker'] }, ['firewall note', 'firewall note']],
    ['no tcpdump', { tcpdump: false }, ['tcpdump note']],
    ['no tcpdump, and no apt', { tcpdump: false, candidates: undefined, manager: undefined }, ['tcpdump stop']],
    ['no Node', { node: undefined }, ['node note']],
    [
      'an old Node only',
      { node: { path: '/usr/bin/node', version: '12.22.9' }, candidates: undefined, manager: undefined },
      ['node stop'],
    ],
    ['a way that cannot be seen', { sshConnection: undefined }, ['way ask']],
    [
      'a forwarded port',
      { sshConnection: { clientAddress: '192.0.2.1', serverAddress: '10.0.0.2', serverPort: 2222 } },
      ['way stop'],
    ],
    [
      'a translated address',
      { sshConnection: { clientAddress: '192.0.2.1', serverAddress: '10.0.0.2', serverPort: 22 } },
      ['translated note'],
    ],
    ['an address in another routing table', { routedAddresses: ['198.51.100.1'] }, ['other-addresses note']],
    [
      'a port that leads to a hidden one',
      { otherRules: ['tcp dport 2222 redirect to :22'] },
      ['translated-ports note'],
    ],
    ['a virtual address', { otherRules: ['ip daddr 198.51.100.2 dnat to 192.0.2.2'] }, ['translated-ports note']],
    ['the same with a port', { otherRules: ['tcp dport 80 dnat to 192.0.2.2:22'] }, ['translated-ports note']],
    ['a rule with a map', { otherRules: ['dnat to tcp dport map { 80 : 192.0.2.2 }'] }, ['translated-ports note']],
    ['a port that leads to a shown one', { otherRules: ['tcp dport 80 dnat ip to 172.17.0.2:8080'] }, []],
    [
      'a port forward of the gate’s own',
      { otherRules: ['redirect to : ip saddr . meta l4proto . th dport map @redirects4'] },
      [],
    ],
    ['rules around connection tracking', { otherRules: ['tcp dport 22 notrack'] }, ['untracked note']],
    ['a listener on a knock port', { knockPortListeners: ['UNCONN 0 0 *:443 *:*'] }, ['knock-ports stop']],
    ['a listener on another port', { knockPortListeners: ['UNCONN 0 0 *:53 *:*'] }, []],
    ['no ss', { knockPortListeners: undefined }, ['knock-ports ask']],
    ['penalties', { penalties: true }, ['penalties note']],
    ['a full disk', { freeKilobytes: 5000 }, ['disk stop']],
    ['too little room for a Node as well', { freeKilobytes: 100_000, node: undefined }, ['node note', 'disk stop']],
    ['a gate that is there', { config: '[gate]' }, ['present note']],
    ['a gate from a package', { packaged: true }, ['present stop']],
  ])('finds %s', (_what, changes, expected) => {
    expect(unwell(changes)).toEqual(expected);
  });

  it.each([
    [{ proxyJump: 'bastion' }, ['way stop']],
    [{ proxyCommand: 'nc %h %p' }, ['way stop']],
    [{ proxyCommand: 'knockgate connect %n %p' }, []],
  ])('judges the way of %j', (settings, expected) => {
    expect(unwell({}, { settings })).toEqual(expected);
  });

  it('shows both clocks when they are far apart, and asks', () => {
    const clock = { ...CLOCK, offsetMs: 86_400_000 };
    expect(unwell({}, { clock })).toEqual(['clock-off ask']);
    const text = judge(READY, clock, SETTINGS, OPTIONS, '0.2.0').find(({ id }) => id === 'clock-off')?.what;
    expect(inEnglish(text ?? '')).toContain(
      '86400.0 s ahead of ours: here it is 2027-01-15T08:00:00Z, there 2027-01-16T08:00:00Z',
    );
  });

  it('sees that we are in a trusted network', () => {
    const trusted = [parseNetwork('192.0.2.0/24')];
    const texts = judge(READY, CLOCK, SETTINGS, { ...OPTIONS, trusted }, '0.2.0').map(({ what }) => inEnglish(what));
    expect(texts.join('\n')).toContain('a trusted network: it will never be shut out');
  });
});

describe('a gate that is there', () => {
  const manifest = (version: string) =>
    formatManifest({ version, files: [], packages: [], node: undefined, madeUser: true });

  it.each([
    ['0.1.9', 'present note'],
    ['0.2.0', 'present note'],
    ['0.10.0', 'present ask'],
    ['0.2.1', 'present ask'],
  ])('of version %s: %s, since ours is 0.2.0', (version, finding) => {
    expect(unwell({ config: '[gate]', manifest: manifest(version) })).toEqual([finding]);
  });
});

describe('Node', () => {
  const editorNodes = [
    { path: '/old', version: '16.1.0', sha256: 'a' },
    { path: '/new', version: '22.1.0', sha256: 'b' },
    { path: '/mid', version: '20.1.0', sha256: 'c' },
  ];

  it('is the system’s, else the newest of an editor, else a package', () => {
    expect(chooseNode({ ...READY, editorNodes })).toMatchObject({ kind: 'system' });
    expect(chooseNode({ ...READY, node: undefined, editorNodes })).toMatchObject({ kind: 'copy', path: '/new' });
    expect(chooseNode({ ...READY, node: undefined })).toMatchObject({ kind: 'package' });
    expect(chooseNode({ ...READY, node: undefined, candidates: new Map([['nodejs', '12.22.9~dfsg-1']]) })).toEqual({
      kind: 'none',
    });
  });

  it('is the copy that is there, as long as it is what was noted, and no editor has left a newer one', () => {
    const noted = { path: '/gone', version: '20.9.0', sha256: 'd'.repeat(64) };
    const manifest = formatManifest({ version: '0', files: [], packages: [], node: noted, madeUser: true });
    const deployed = { ...READY, node: undefined, manifest, files: new Map([[OWN_NODE, noted.sha256]]) };
    expect(chooseNode(deployed)).toEqual({ kind: 'copy', ...noted });
    expect(chooseNode({ ...deployed, editorNodes })).toMatchObject({ path: '/new' });
    expect(chooseNode({ ...deployed, files: new Map([[OWN_NODE, 'another']]) })).toMatchObject({ kind: 'package' });
  });

  it('of an editor is not used where others could have changed it, and that is said', () => {
    const exposed = { ...READY, node: undefined, exposedNodes: ['/home/dev/.vscode-server/node'] };
    expect(unwell(exposed)).toContain('exposed-node note');
    expect(unwell({ ...exposed, node: READY.node })).toEqual([]);
  });

  it('is not installed where an editor has left one', () => {
    const bare = { ...READY, nft: undefined, tcpdump: false, node: undefined };
    expect([...neededPackages(bare)]).toEqual(['nftables', 'tcpdump', 'nodejs']);
    expect([...neededPackages({ ...bare, editorNodes })]).toEqual(['nftables', 'tcpdump']);
  });
});
