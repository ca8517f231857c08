import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inWords } from '../../../src/base/phrase.ts';
import { reasonsForSystemSsh } from '../../../src/deploy/connection/choose.ts';
import { expandTokens, parseSettings, type SshSettings } from '../../../src/deploy/connection/settings.ts';
import { temporaryFolder } from '../support.ts';

const HERE = {
  home: '/home/alice',
  user: 'alice',
  env: { SSH_AUTH_SOCK: '/run/agent', USER: 'somebody', OTHER_AGENT: '/run/other' },
};

/** Settings that the real `ssh -G` makes of a configuration. */
function settingsOf(config: string): SshSettings {
  const folder = mkdtempSync(join(tmpdir(), 'kg-settings-'));
  try {
    writeFileSync(join(folder, 'config'), `Host prod\n${config}\n`);
    const { stdout } = spawnSync('ssh', ['-F', join(folder, 'config'), '-G', 'prod'], { encoding: 'utf8' });
    const settings = parseSettings('prod', stdout, HERE);
    if (settings === undefined) throw new Error(stdout);
    return settings;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const NOTHING = {
  authority: false,
  ticket: false,
  exists: () => false,
  keyType: () => undefined,
  isUnreadable: () => false,
};

describe('what ssh would do', () => {
  it('is read from ssh -G', () => {
    const found = settingsOf(`
      HostName 192.0.2.7
      User dev
      Port 2222
      IdentityFile ~/.ssh/%h_%r
      IdentityFile /keys/b
      IdentitiesOnly yes
      IdentityAgent none
      ProxyJump bastion,dev@second:2200
      UserKnownHostsFile /k1 /k2
      HostKeyAlias target
      HashKnownHosts yes`);
    expect(found).toMatchObject({
      hostName: '192.0.2.7',
      user: 'dev',
      port: 2222,
      identityFiles: ['/home/alice/.ssh/192.0.2.7_dev', '/keys/b'],
      identitiesOnly: true,
      agent: undefined,
      proxyJump: 'bastion,dev@second:2200',
      proxyCommand: undefined,
      userKnownHostsFiles: ['/k1', '/k2'],
      hostKeyAlias: 'target',
      hashKnownHosts: true,
    });
  });

  it.each([
    ['', '/run/agent'],
    ['IdentityAgent $OTHER_AGENT', '/run/other'],
    ['IdentityAgent /run/%r.sock', '/run/dev.sock'],
  ])('takes the agent of %j', (config, agent) => {
    expect(settingsOf(`User dev\n${config}`).agent).toBe(agent);
  });

  it('puts the values of tokens in', () => {
    const values = { here: HERE, alias: 'prod', hostName: 'h', user: 'u', port: 22 };
    expect(expandTokens('nc %h %p %% %n %r %d %u %Z', values)).toBe('nc h 22 % prod u /home/alice alice %Z');
  });

  it('keeps what ssh prints: quotes, comment signs, blanks, variables', () => {
    const folder = temporaryFolder();
    const known = join(folder, 'known hosts');
    writeFileSync(known, '');
    const found = settingsOf(`
      ProxyCommand sh -c "sleep 0.1; exec nc %h %p" # 1
      IdentityFile "/keys/my  key"
      IdentityFile \${OTHER_AGENT}/k
      UserKnownHostsFile "${known}" "/no folder/known hosts" /k2`);
    expect(found.proxyCommand).toBe('sh -c "sleep 0.1; exec nc %h %p" # 1');
    expect(found.identityFiles).toEqual(['/keys/my  key', '/run/other/k']);
    expect(found.userKnownHostsFiles).toEqual([known, '/no folder/known hosts', '/k2']);
  });

  it('is not made up where ssh names no host', () => {
    expect(parseSettings('prod', 'port 22\n', HERE)).toBeUndefined();
  });
});

describe('the system ssh is taken', () => {
  it('not for an ordinary configuration', () => {
    expect(reasonsForSystemSsh(settingsOf('User dev\nGSSAPIAuthentication yes'), NOTHING)).toEqual([]);
  });

  it.each([
    ['GSSAPIAuthentication yes', { ticket: true }, 'Kerberos'],
    ['', { authority: true }, 'certificate authority'],
    ['CertificateFile /c-cert.pub', {}, 'certificate for logging in'],
    ['IdentityFile /k', { exists: () => true, keyType: () => 'sk-ssh-ed25519@openssh.com' }, 'security key'],
    ['IdentityFile /k', { exists: (path: string) => path !== '/k.pub' }, 'certificate for logging in'],
    ['PKCS11Provider /usr/lib/p.so', {}, 'PKCS#11'],
    ['KnownHostsCommand /bin/x', {}, 'KnownHostsCommand'],
    ['VerifyHostKeyDNS yes', {}, 'VerifyHostKeyDNS'],
    ['BindAddress 192.0.2.9', {}, 'local address'],
    ['AddressFamily inet6', {}, 'address family'],
    [
      'IdentityFile /k',
      { exists: (path: string) => path === '/k', isUnreadable: () => true },
      'the form of the key /k',
    ],
    ['IdentityFile ~other/.ssh/k', {}, 'the path ~other/.ssh/k'],
    ['IdentityFile /keys/%C', {}, 'the path /keys/%C'],
  ])('for %j', (config, seen, reason) => {
    const reasons = reasonsForSystemSsh(settingsOf(config), { ...NOTHING, ...seen });
    expect(reasons.map((each) => inWords(each)).join(' ')).toContain(reason);
  });
});
