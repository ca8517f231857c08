import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inEnglish } from '../../../../src/base/phrase.ts';
import { parseFwknopHost } from '../../../../src/client/fwknop/host.ts';
import { type ImportedStanza, importFwknopRc } from '../../../../src/client/fwknop/rc-file.ts';

const RC = `
[default]
USE_HMAC                    Y
HMAC_DIGEST_TYPE            SHA512

# a comment
[bastion]
SPA_SERVER                  bastion.example
ACCESS                      tcp/22,udp/53
ALLOW_IP                    source
SPA_SERVER_PORT             443
SPA_SERVER_PROTO            tcp
ENCRYPTION_MODE             legacy
DIGEST_TYPE                 SHA1
FW_TIMEOUT                  60
SPOOF_USER                  alice
KEY_BASE64                  c2VjcmV0
HMAC_KEY_BASE64             b3RoZXI=
NAT_ACCESS                  10.0.0.5,22
WGET_CMD                    /usr/bin/wget

[bare]
SPA_SERVER 203.0.113.7
KEY hush
ALLOW_IP resolve
`;

const notesOf = (stanza: ImportedStanza | undefined) => (stanza?.notes ?? []).map(inEnglish);

describe('.fwknoprc', () => {
  it('becomes hosts, with what could not be carried over', () => {
    const [bastion, bare] = importFwknopRc(RC);
    expect(bastion).toEqual({
      name: 'bastion',
      fields: {
        address: 'bastion.example',
        ports: ['tcp/22', 'udp/53'],
        carrier: 'tcp',
        knockPort: 443,
        mode: 'legacy',
        digest: 'sha1',
        hmac: 'sha512',
        duration: 60,
        user: 'alice',
        source: 'seen',
        forward: '10.0.0.5:22',
      },
      keys: 'KEY_BASE64 c2VjcmV0\nHMAC_KEY_BASE64 b3RoZXI=\n',
      gpg: undefined,
      notes: expect.anything(),
    });
    expect(notesOf(bastion)).toEqual(['WGET_CMD has no counterpart here']);
    expect(bare).toMatchObject({ fields: { hmac: 'none' }, keys: 'KEY hush\n' });
    expect(notesOf(bare)).toEqual(['ALLOW_IP resolve has no counterpart here']);
    expect(parseFwknopHost('bastion', { ...bastion?.fields }, 'here', 'setting').ports).toHaveLength(2);
  });

  it.each(['icmp', 'TCPRAW', 'udpraw'])('keep %s, for the command line', (carrier) => {
    const [stanza] = importFwknopRc(`[a]\nSPA_SERVER 203.0.113.7\nSPA_SERVER_PROTO ${carrier}\nKEY hush\n`);
    expect([stanza?.fields.carrier, stanza?.notes]).toEqual([carrier.toLowerCase(), []]);
  });

  it('have values that end where fwknop ends them, and are read in no time when most of a line is blanks', () => {
    const blanks = ' '.repeat(60_000);
    const lines = [
      'SPA_SERVER: 203.0.113.7 ; ',
      `SPOOF_USER a${blanks}b`,
      'KEY hush#not',
      'FW_TIMEOUT 60 # a minute',
      '# KEY x',
    ];
    const [stanza] = importFwknopRc(`  [a] # mine\n${lines.join('\n')}\nHMAC_KEY ;\n`);
    expect(stanza).toMatchObject({
      name: 'a',
      fields: { address: '203.0.113.7', user: 'a', duration: 60, hmac: 'none' },
      keys: 'KEY hush\n',
    });
    expect(notesOf(stanza)).toEqual(['SPOOF_USER has words after its value, which fwknop does not read either']);
  });

  it('say so, and keep secrets to themselves, when a passphrase goes on after a blank', () => {
    const text = '[a]\nSPA_SERVER s\nUSE_GPG Y\nGPG_RECIPIENT r\nGPG_SIGNING_PW open sesame\n';
    const [stanza] = importFwknopRc(text);
    expect([stanza?.gpg?.passphrase, notesOf(stanza)]).toEqual([
      'open',
      ['GPG_SIGNING_PW has words after its value, which fwknop does not read either'],
    ]);
  });

  it('are hosts with the address of [default], which is one itself when it names a server or is alone', () => {
    const names = (text: string) => importFwknopRc(text).map(({ name, fields }) => [name, fields.address]);
    expect(names('[default]\nSPA_SERVER s\n[a]\nKEY x\n')).toEqual([
      ['default', 's'],
      ['a', 's'],
    ]);
    expect(names('[default]\nKEY x\n[a]\nSPA_SERVER s\n')).toEqual([['a', 's']]);
    expect(names('[default]\nKEY x\n')).toEqual([['default', undefined]]);
    expect(names('[a]\nKEY x\n[b]\n[a]\nSPA_SERVER s\n')).toEqual([
      ['a', 's'],
      ['b', undefined],
    ]);
  });

  it.each([
    ['ACCESS tcp/22', { ports: ['tcp/22'] }],
    ['ACCESS TCP/22,udp/53', { ports: ['tcp/22', 'udp/53'] }],
    ['ACCESS tcp/22\nNAT_ACCESS 10.0.0.5,2222', { ports: ['tcp/22'], forward: '10.0.0.5:2222' }],
    ['ACCESS tcp/22\nNAT_ACCESS 10.0.0.5', { ports: ['tcp/22'], forward: '10.0.0.5:22' }],
    ['ACCESS tcp/22\nNAT_ACCESS 10.0.0.5:22\nNAT_PORT 8022', { ports: ['tcp/8022'], forward: '10.0.0.5:22' }],
    ['ACCESS tcp/22\nNAT_LOCAL Y\nNAT_PORT 2222', { ports: ['tcp/2222'], forward: 'local:22' }],
    [
      'ACCESS tcp/22\nNAT_ACCESS 203.0.113.7,22\nNAT_LOCAL Y\nNAT_PORT 2222',
      { ports: ['tcp/2222'], forward: 'local:22' },
    ],
    ['ACCESS tcp/22\nNAT_LOCAL N', { ports: ['tcp/22'] }],
    ['NAT_LOCAL Y\nNAT_PORT 2222', { ports: ['tcp/2222'], forward: 'local:22' }],
  ])('ask for what their lines together ask for: %j', (lines, asked) => {
    const [stanza] = importFwknopRc(`[a]\nSPA_SERVER 203.0.113.7\nKEY hush\n${lines}\n`);
    expect(stanza?.fields).toEqual({ address: '203.0.113.7', hmac: 'none', ...asked });
    expect(stanza?.notes).toEqual([]);
    expect(parseFwknopHost('a', { ...stanza?.fields }, 'here', 'setting').forward?.port).toBe(
      'forward' in asked ? Number(asked.forward.split(':')[1]) : undefined,
    );
  });

  it.each([
    ['ACCESS tcp/22,icmp/8', 'ACCESS tcp/22,icmp/8'],
    ['ACCESS ssh', 'ACCESS ssh'],
    ['NAT_ACCESS 10.0.0.5,ssh', 'NAT_ACCESS 10.0.0.5,ssh'],
    ['NAT_ACCESS 10.0.0.5,22\nNAT_LOCAL Y', 'NAT_ACCESS 10.0.0.5,22'],
    ['ACCESS tcp/22\nNAT_PORT 2222', 'NAT_PORT 2222'],
    ['ACCESS tcp/22,tcp/23\nNAT_LOCAL Y\nNAT_PORT 2222', 'NAT_PORT 2222'],
    ['ACCESS tcp/22\nNAT_LOCAL Y\nNAT_PORT x', 'NAT_PORT x'],
    ['ACCESS tcp/22\nNAT_LOCAL Y\nNAT_RAND_PORT Y', 'NAT_RAND_PORT Y'],
  ])('are not carried over where they would ask for something else: %j', (lines, named) => {
    const [stanza] = importFwknopRc(`[a]\nSPA_SERVER 203.0.113.7\nKEY hush\n${lines}\n`);
    expect([stanza?.keys, stanza?.gpg]).toEqual([undefined, undefined]);
    expect(notesOf(stanza)).toEqual([`${named} has no counterpart here, and changes what is asked for`]);
  });

  it('tell a few of the keys that have no counterpart, and count the rest', () => {
    const many = Array.from({ length: 5000 }, (_, i) => `KEY_${i} x`).join('\n');
    const notes = notesOf(importFwknopRc(`[a]\nSPA_SERVER s\nKEY hush\n${many}\n`)[0]);
    expect(notes).toHaveLength(21);
    expect(notes.at(-1)).toBe('… and 4980 more of these');
  });

  it("in GnuPG's mode name keys of gpg", () => {
    const lines = [
      'USE_GPG Y',
      'GPG_RECIPIENT 4E69',
      'GPG_SIGNER me@example',
      'GPG_HOMEDIR /home/me/.gnupg',
      'SPA_SERVER s',
    ];
    const more = ['GPG_SIGNING_PW_BASE64 b3BlbiBzZXNhbWU=', 'HMAC_KEY_BASE64 b3RoZXI=', 'ENCRYPTION_MODE CBC', 'KEY x'];
    const [stanza, bare] = importFwknopRc(`[a]\n${[...lines, ...more].join('\n')}\n[b]\n${lines.join('\n')}\n`);
    expect(stanza).toEqual({
      name: 'a',
      fields: { address: 's' },
      keys: undefined,
      gpg: {
        recipient: '4E69',
        signer: 'me@example',
        home: '/home/me/.gnupg',
        passphrase: 'open sesame',
        hmacKeys: 'HMAC_KEY_BASE64 b3RoZXI=\n',
      },
      notes: [],
    });
    expect(bare).toMatchObject({ fields: { hmac: 'none' }, gpg: { hmacKeys: undefined, passphrase: undefined } });
  });

  it('never shows a key, says when there is none or no server, and reads any text', () => {
    const [stanza] = importFwknopRc('[x]\nKEY __CHANGEME__\nGPG_SIGNING_PW hush\n');
    expect(stanza?.keys).toBeUndefined();
    expect(notesOf(stanza).join()).not.toMatch(/hush|CHANGEME/);
    expect(stanza?.notes).toHaveLength(3);
    fc.assert(fc.property(fc.string(), fc.string(), (a, b) => void importFwknopRc(`[${a}]\n${b}\nKEY ${a}\n`)));
  });
});
