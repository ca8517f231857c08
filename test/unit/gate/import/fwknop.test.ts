import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseGateConfig } from '../../../../server-helper/config/gate-config.ts';
import { importFwknop } from '../../../../server-helper/import/fwknop.ts';
import { showImported } from '../../../../server-helper/import/imported.ts';
import { readFwknop } from '../../../../server-helper/import/read-fwknop.ts';
import { pathsFrom } from '../../../../server-helper/paths.ts';
import { formatNetwork } from '../../../../src/base/addresses.ts';
import { formatPortRange } from '../../../../src/base/ports.ts';
import { parseKeyFile } from '../../../../src/fwknop/key-file.ts';
import { problemOf, temporaryFolder } from '../support.ts';

const KEY = 'c2VjcmV0LXJpam5kYWVs';
const HMAC = 'c2VjcmV0LWhtYWMta2V5';
const LEAST = `SOURCE ANY\nKEY_BASE64 ${KEY}\nHMAC_KEY_BASE64 ${HMAC}\n`;

const imported = (access: string, daemon?: string) =>
  importFwknop(
    { text: access, file: 'access.conf' },
    daemon === undefined ? undefined : { text: daemon, file: 'fwknopd.conf' },
    '/etc/knockgate/fwknop',
  );
const notesOf = (access: string, daemon?: string) => imported(access, daemon).notes.join('\n');
const configOf = (access: string, daemon?: string) =>
  parseGateConfig(`${showImported(imported(access, daemon))}\n`, 'gate.toml');

describe('an access.conf', () => {
  it('gives a gate.toml that hides and opens what its stanzas open, with the keys in files', () => {
    const access = `#### comment
SOURCE: 198.51.100.0/24, 203.0.113.9;
KEY_BASE64: ${KEY};
HMAC_KEY_BASE64: ${HMAC};
HMAC_DIGEST_TYPE SHA512
ENCRYPTION_MODE CTR
OPEN_PORTS tcp/22, udp/1194
RESTRICT_PORTS udp/1194
REQUIRE_USERNAME alice
REQUIRE_SOURCE_ADDRESS Y
FW_ACCESS_TIMEOUT 60
MAX_FW_TIMEOUT 900
ACCESS_EXPIRE_EPOCH 1893456000

SOURCE ANY
KEY a key with blanks
OPEN_PORTS tcp/993\r
`;
    const { gate, fwknop } = configOf(access);
    expect(gate.ports.map(formatPortRange)).toEqual(['tcp/22', 'udp/1194', 'tcp/993']);
    expect(gate).toMatchObject({ knockPorts: [443], clockTolerance: 120, longestGrant: 900, fwknop: { port: 62_201 } });
    expect(fwknop).toMatchObject([
      { name: 'fwknop-1', mode: 'ctr', hmac: 'sha512', user: 'alice', anySource: false, grant: 60, longestGrant: 900 },
      { name: 'fwknop-2', mode: 'cbc', hmac: undefined, user: undefined, anySource: true, grant: 30 },
    ]);
    expect(fwknop[0]?.notAfter).toBe(1_893_456_000_000);
    expect(fwknop[0]?.sources.map(formatNetwork)).toEqual(['198.51.100.0/24', '203.0.113.9']);
    expect(fwknop.map(({ ports }) => ports.map(formatPortRange))).toEqual([['tcp/22'], ['tcp/993']]);
    const [first, second] = imported(access).keyFiles;
    expect(first).toEqual({
      path: '/etc/knockgate/fwknop/fwknop-1',
      text: `KEY_BASE64: ${KEY}\nHMAC_KEY_BASE64: ${HMAC}\n`,
    });
    expect(Buffer.from(parseKeyFile(second?.text ?? '')?.key ?? []).toString()).toBe('a key with blanks');
  });

  it('counts a day by the clock of this machine, as fwknopd does', () => {
    const [stanza] = configOf(`${LEAST}ACCESS_EXPIRE 12/31/2029\n`).fwknop;
    expect(stanza?.notAfter).toBe(new Date(2029, 11, 31).getTime());
  });

  it.each([
    ['GPG_REMOTE_ID ABCD1234', 'GPG_REMOTE_ID has no effect without GPG_DECRYPT_ID'],
    ['GPG_EXE /usr/bin/gpg2', 'GPG_EXE is left out: the gpg of this system'],
    ['ENABLE_CMD_EXEC Y', 'ENABLE_CMD_EXEC is left out: write an [[action]]'],
    ['CMD_CYCLE_TIMER 9', 'CMD_CYCLE_TIMER is left out: write an [[action]]'],
    ['FORCE_SNAT 10.0.0.1\nFORCE_NAT 10.0.0.5 22', 'FORCE_SNAT is left out: a gate'],
    ['%include other.conf', '%include is left out: the other file'],
    ['COLOUR red', 'is not a line that fwknopd understands'],
    ['OPEN_PORTS tcp/22,icmp/8', 'has something that is not a port'],
    ['FW_ACCESS_TIMEOUT soon', 'FW_ACCESS_TIMEOUT 0 is the default of fwknopd, 30'],
    ['MAX_FW_TIMEOUT 99999', 'MAX_FW_TIMEOUT 99999 becomes 65535'],
  ])('names what is lost with %s, with its line', (line, words) => {
    const notes = imported(`${LEAST}${line}\n`).notes.filter((note) => note.startsWith('access.conf:4: '));
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain(words);
    expect(configOf(`${LEAST}${line}\n`).fwknop).toHaveLength(1);
  });

  it.each([
    ['RESTRICT_PORTS tcp22', 'RESTRICT_PORTS cannot be carried over, hence enabled = false'],
    ['RESTRICT_PORTS tcp/80, 22', 'RESTRICT_PORTS cannot be carried over, hence enabled = false'],
    ['RESTRICT_PORTS tcp/80,', 'RESTRICT_PORTS cannot be carried over, hence enabled = false'],
    ['RESTRICT_PORTS', 'fwknopd refuses this file because of this line, hence enabled = false'],
    ['RESTRICT_PORTS=tcp/22', 'fwknopd refuses this file because of this line, hence enabled = false'],
    ['REQUIRE_USERNAME ; alice', 'fwknopd refuses this file because of this line, hence enabled = false'],
    ['FW_ACCESS_TIMEOUT -5', 'fwknopd refuses this file because of this line, hence enabled = false'],
    ['MAX_FW_TIMEOUT 8388609\nMAX_FW_TIMEOUT 60', 'fwknopd refuses this file because of this line'],
    ['FORCE_MASQUERADE Y', 'fwknopd refuses this file because of this line, hence enabled = false'],
    ['FORCE_SNAT 10.0.0.1\nFORWARD_ALL N', 'fwknopd refuses this file because of this line, hence enabled = false'],
    ['ACCESS_EXPIRE 31.12.2090\nACCESS_EXPIRE_EPOCH 3900000000', 'fwknopd refuses this file because of this line'],
    ['CMD_CYCLE_CLOSE NONE', 'fwknopd refuses this file because of this line, hence enabled = false'],
    ['OPEN_PORTS tcp/22, icmp/8', 'OPEN_PORTS has something that is not a port such as tcp/22, hence enabled = false'],
    ['c2VjcmV0', 'fwknopd refuses this file because of this line, hence enabled = false'],
  ])('disables a stanza with an unreadable limit until somebody has looked: %s', (line, words) => {
    const text = `${LEAST}OPEN_PORTS tcp/22, tcp/80\n${line}\n`;
    expect(imported(text).doors).toBe(0);
    expect(imported(text).toml).toContain('\nenabled = false\n');
    expect(notesOf(text)).toContain(`access.conf:5: ${words}`);
  });

  it.each([
    ['GnuPG without HMAC', 'SOURCE ANY\nGPG_DECRYPT_ID ABCD1234', 'no keys that can be used'],
    ['the key of the example', 'SOURCE ANY\nKEY __CHANGEME__', 'no keys that can be used'],
    ['a key that is too long', `SOURCE ANY\nKEY ${'x'.repeat(33)}`, 'no keys that can be used'],
    ['a key that is not base64', 'SOURCE ANY\nKEY_BASE64 ===', 'no keys that can be used'],
    ['two keys that are one', `SOURCE ANY\nKEY_BASE64 ${KEY}\nHMAC_KEY_BASE64 ${KEY}`, 'no keys that can be used'],
    ['a mode without code', `${LEAST}ENCRYPTION_MODE PCBC`, 'ENCRYPTION_MODE is not a mode'],
    ['an unknown digest', `${LEAST}HMAC_DIGEST_TYPE CRC32`, 'is not a digest'],
    [
      'an unknown digest, also without an HMAC key',
      `SOURCE ANY\nKEY_BASE64 ${KEY}\nHMAC_DIGEST_TYPE CRC32`,
      'is not a digest',
    ],
    ['sources that are none', LEAST.replace('ANY', 'nowhere, fd00::/8'), 'has no network that a gate can take'],
    ['ports that are none', `${LEAST}OPEN_PORTS icmp/8`, 'OPEN_PORTS names no port'],
    ['nothing left to open', `${LEAST}OPEN_PORTS tcp/22\nRESTRICT_PORTS tcp/22`, 'leaves it nothing to open'],
    ['a command in place of ports', `${LEAST}CMD_CYCLE_OPEN /bin/true`, 'runs a command'],
    ['NAT to a name', `${LEAST}FORCE_NAT inner 22`, 'FORCE_NAT is not an address'],
    ['NAT to no port', `${LEAST}FORCE_NAT 10.0.0.5 0`, 'FORCE_NAT is not an address'],
    ['NAT to this host', `${LEAST}FORCE_NAT 127.0.0.1 22`, 'FORCE_NAT is not an address'],
    [
      'all that leads elsewhere',
      `${LEAST}FORWARD_ALL Y\nFORCE_MASQUERADE Y`,
      'FORWARD_ALL opens what leads to other hosts',
    ],
    [
      'NAT by another rule',
      `${LEAST}FORCE_NAT 10.0.0.5 22\nDISABLE_DNAT Y`,
      'DISABLE_DNAT opens what leads to other hosts',
    ],
    ['a directive before any stanza', 'OPEN_PORTS tcp/22', 'before the first SOURCE'],
  ])('gives nothing, and says why, for %s', (_, text, words) => {
    expect(imported(text)).toMatchObject({ toml: '', keyFiles: [] });
    expect(notesOf(text)).toContain(words);
  });

  it.each([
    ['192.168.10.0/255.255.255.0', ['192.168.10.0/24']],
    ['192.168.10.77/24', ['192.168.10.0/24']],
    ['10.1.2.3/255.255.255.255, 172.16.0.0/255.240.0.0', ['10.1.2.3', '172.16.0.0/12']],
    ['any', []],
    ['10.0.0.1, Any', []],
    ['192.0.2.1/0.0.0.0', []],
    ['10.0.0.0/8 ,192.0.2.9', ['10.0.0.0/8', '192.0.2.9']],
  ])('reads SOURCE as fwknopd does: %s', (source, sources) => {
    expect(configOf(LEAST.replace('ANY', source)).fwknop[0]?.sources.map(formatNetwork)).toEqual(sources);
  });

  it.each(['10.0.0.0/255.0.255.0', '10.0.0.0/33', '10.0.0.0/0', '10.1/16', '010.0.0.1', '10.0.0.0/', '10.0.0.0/8/8'])(
    'leaves out a network that it cannot write: %s',
    (source) => {
      const access = LEAST.replace('ANY', `${source}, 192.0.2.1`);
      expect(configOf(access).fwknop[0]?.sources.map(formatNetwork)).toEqual(['192.0.2.1']);
      expect(configOf(access).fwknop[0]?.enabled).toBe(false);
      expect(notesOf(access)).toContain('access.conf:1: SOURCE has something that is not an IPv4 network');
    },
  );

  it.each([
    ['FW_ACCESS_TIMEOUT 3600', 3600, 300, ''],
    ['FW_ACCESS_TIMEOUT 24000\nMAX_FW_TIMEOUT 600', 24_000, 600, ''],
    ['FW_ACCESS_TIMEOUT 0', 30, 300, 'FW_ACCESS_TIMEOUT 0 is the default of fwknopd, 30'],
    ['MAX_FW_TIMEOUT 0', 30, 300, 'MAX_FW_TIMEOUT 0 is the default of fwknopd, 300'],
    ['FW_ACCESS_TIMEOUT 60 # a minute', 60, 300, ''],
    ['MAX_FW_TIMEOUT 20', 30, 20, ''],
    ['FW_ACCESS_TIMEOUT 8388608', 65_535, 300, 'FW_ACCESS_TIMEOUT 8388608 becomes 65535'],
  ])('reads times as fwknopd does: %s', (lines, grant, longest, words) => {
    const { fwknop, gate } = configOf(`${LEAST}${lines}\n`);
    expect(fwknop[0]).toMatchObject({ grant, longestGrant: longest });
    expect(gate.longestGrant).toBeGreaterThanOrEqual(Math.max(grant, longest));
    expect(notesOf(`${LEAST}${lines}\n`)).toContain(words);
  });

  it.each([
    ['OPEN_PORTS tcp/22 # ssh', ['tcp/22']],
    ['OPEN_PORTS TCP/022,udp/53', ['tcp/22', 'udp/53']],
  ])('reads ports as fwknopd does: %s', (line, ports) => {
    expect(configOf(`${LEAST}${line}\n`).fwknop[0]?.ports.map(formatPortRange)).toEqual(ports);
  });

  it('takes the last of two directives that mean the same, whichever name each has', () => {
    const anySource = (...lines: string[]) => configOf(`${LEAST}${lines.join('\n')}\n`).fwknop[0]?.anySource;
    expect(anySource('REQUIRE_SOURCE_ADDRESS N', 'REQUIRE_SOURCE Y')).toBe(false);
    expect(anySource('REQUIRE_SOURCE Y', 'REQUIRE_SOURCE_ADDRESS N')).toBe(true);
    const [stanza] = configOf(`${LEAST}ACCESS_EXPIRE_EPOCH 1893456000\nACCESS_EXPIRE 1/2/29\n`).fwknop;
    expect(stanza?.notAfter).toBe(new Date(2029, 0, 2).getTime());
  });

  it('has names in capitals only, as fwknopd has', () => {
    expect(notesOf(`${LEAST}open_ports tcp/22\n`)).toContain('access.conf:4: is not a line that fwknopd understands');
  });

  it('has the blanks at the end of a key, as fwknopd has', () => {
    const [file] = imported('SOURCE ANY\nKEY with blanks  \n').keyFiles;
    expect(Buffer.from(parseKeyFile(file?.text ?? '')?.key ?? []).toString()).toBe('with blanks  ');
  });

  it('of OpenWrt is another file, which is said once', () => {
    const uci = "config access\n\toption SOURCE 'ANY'\n\toption KEY_BASE64 'a2tr'\n\toption OPEN_PORTS 'tcp/22'\n";
    expect(imported(uci)).toMatchObject({ toml: '', doors: 0, keyFiles: [] });
    expect(imported(uci).notes).toEqual([
      expect.stringMatching(/^access\.conf:1: this is OpenWrt’s own form .* import the access\.conf/),
    ]);
    expect(imported(LEAST, "config network\n\toption network 'wan'\n").notes).toEqual([
      expect.stringMatching(/^fwknopd\.conf:1: this is OpenWrt’s/),
    ]);
  });

  it('or fwknopd.conf names a few faults of one kind, and counts the rest', () => {
    const many = Array.from({ length: 2000 }, (_, i) => `X_${i} 1;\n`).join('');
    for (const { notes } of [imported(LEAST + many), imported(LEAST, many)]) {
      expect(notes.length).toBeLessThan(60);
      expect(notes.join('\n')).toMatch(/… and 19\d\d more/);
    }
  });

  it('says how many doors open as soon as the gate has them', () => {
    expect(imported(LEAST + LEAST).doors).toBe(2);
    expect(imported(`${LEAST}DESTINATION 192.0.2.1\n${LEAST}`).doors).toBe(1);
    expect(imported('# nothing\n').doors).toBe(0);
  });

  it.each(['DESTINATION 192.0.2.1', 'REQUIRE_USERNAME älice', 'ACCESS_EXPIRE 02/30/2027', 'ACCESS_EXPIRE_EPOCH never'])(
    'lets nobody in before somebody has looked, when %s narrows it',
    (line) => {
      expect(configOf(`${LEAST}${line}\n`).fwknop[0]?.enabled).toBe(false);
      expect(notesOf(`${LEAST}${line}\n`)).toMatch(/access\.conf:4: .* hence enabled = false/);
    },
  );

  it('leads where NAT was forced to', () => {
    const { fwknop, forwards } = configOf(
      `${LEAST}OPEN_PORTS tcp/22, udp/53\nFORCE_NAT 10.0.0.5 2222\nFORCE_MASQUERADE Y\n`,
    );
    expect(forwards).toMatchObject([
      { name: 'fwknop-1-tcp-22', port: { first: 22 }, toPort: 2222, masquerade: true },
      { name: 'fwknop-1-udp-53', port: { protocol: 'udp', first: 53 }, toPort: 2222, masquerade: true },
    ]);
    expect(fwknop[0]?.forwards).toEqual(forwards);
  });

  it('opens without OPEN_PORTS what the gate hides, less what is restricted', () => {
    const both = `${LEAST}OPEN_PORTS tcp/22,tcp/80\n${LEAST}RESTRICT_PORTS tcp/80\n`;
    expect(configOf(both).fwknop[1]?.ports.map(formatPortRange)).toEqual(['tcp/22']);
    expect(configOf(LEAST).gate.ports.map(formatPortRange)).toEqual(['tcp/22']);
    expect(notesOf(LEAST)).toContain('without OPEN_PORTS');
  });
});

describe('a fwknopd.conf', () => {
  it.each([
    ['PCAP_FILTER udp port 40000;', 40_000],
    ['PCAP_FILTER port 443;', 443],
    ['ENABLE_UDP_SERVER Y;\nUDPSERV_PORT 40001;', 40_001],
    ['UDPSERV_PORT 40001;', 62_201],
    ['PCAP_FILTER udp and host x;', 62_201],
  ])('tells the port: %s', (text, port) => {
    expect(configOf(LEAST, text).gate.fwknop.port).toBe(port);
  });

  it.each([
    ['MAX_SPA_PACKET_AGE 30', 30],
    ['MAX_SPA_PACKET_AGE 100000', 600],
    ['MAX_SPA_PACKET_AGE old', 5],
  ])('tells how old a packet may be: %s', (text, seconds) => {
    expect(configOf(LEAST, text).gate.clockTolerance).toBe(seconds);
  });

  it.each([
    ['PCAP_INTF eth0;', 'fwknopd’s own'],
    ['FLUSH_IPT_AT_EXIT N;', 'fwknopd’s own'],
    ['IPT_INPUT_ACCESS ACCEPT, filter;', 'fwknopd’s own'],
    ['ENABLE_SPA_OVER_HTTP Y;', 'over UDP only'],
    ['MAX_SPA_PACKET_AGE 9999;', 'MAX_SPA_PACKET_AGE 9999 becomes 600'],
    ['PCAP_FILTER what;', 'is unknown'],
    ['WHATEVER it is;', 'not a line that fwknopd understands'],
  ])('names what is lost with %s, with its line', (line, words) => {
    expect(notesOf(LEAST, `# comment\n${line}\n`)).toMatch(new RegExp(`^fwknopd\\.conf:2: .*${words}`, 'm'));
  });

  it('that opens at one address of the host alone keeps every stanza shut until somebody has looked', () => {
    const daemon = 'ENABLE_DESTINATION_RULE yes;\n';
    expect(configOf(LEAST + LEAST, daemon).fwknop.map(({ enabled }) => enabled)).toEqual([false, false]);
    expect(notesOf(LEAST, daemon)).toMatch(/^fwknopd\.conf:1: ENABLE_DESTINATION_RULE .* hence enabled = false/m);
    expect(configOf(LEAST, 'ENABLE_DESTINATION_RULE N;\n').fwknop[0]?.enabled).toBe(true);
  });
});

describe('whatever is in the files', () => {
  const names =
    'SOURCE DESTINATION OPEN_PORTS RESTRICT_PORTS HMAC_DIGEST_TYPE ENCRYPTION_MODE REQUIRE_USERNAME REQUIRE_SOURCE_ADDRESS FW_ACCESS_TIMEOUT MAX_FW_TIMEOUT ACCESS_EXPIRE ACCESS_EXPIRE_EPOCH GPG_HOME_DIR FORCE_NAT CMD_CYCLE_OPEN %include PCAP_FILTER UDPSERV_PORT MAX_SPA_PACKET_AGE ENABLE_UDP_SERVER'.split(
      ' ',
    );
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      'ANY',
      'Y',
      '0',
      '-1',
      '65536',
      '1e3',
      'tcp/22',
      'tcp/0',
      '10.0.0.0/33',
      '::/0',
      '"',
      "'",
      '\\',
      ']',
    ),
    fc.constantFrom('$(id)', '`id`', '"\n[[client]]', '99/99/9999', '01/01/99999', '99999999999999', 'CBC', 'SHA256'),
  );
  const lines = fc.array(
    fc.tuple(fc.constantFrom(...names), value).map((pair) => pair.join(' ')),
    { maxLength: 8 },
  );

  it('comes out as a good gate.toml, or as nothing, and no key is in it', () => {
    fc.assert(
      fc.property(lines, lines, fc.boolean(), (access, daemon, hasKeys) => {
        const text = `${hasKeys ? LEAST : ''}${access.join('\n')}\n`;
        const result = imported(text, daemon.join('\n'));
        for (const note of result.notes) expect(note).not.toMatch(/[\r\n]/);
        expect(showImported(result)).not.toMatch(new RegExp(`${KEY}|${HMAC}`));
        if (result.toml === '') expect(result.keyFiles).toEqual([]);
        else {
          const named = configOf(text, daemon.join('\n')).fwknop.map(({ keyFile }) => keyFile);
          for (const { path } of result.keyFiles) expect(named).toContain(path);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('shows nothing of a line that is not understood, or of a key that cannot be used', () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9+/]{12,40}$/);
    fc.assert(
      fc.property(
        secret,
        fc.constantFrom('', 'KEY ', 'KEY_BASE64 ', 'HMAC_KEY_BASE64 ', 'KEY_BASE46 '),
        (word, name) => {
          expect(notesOf(`SOURCE ANY\n${name}${word}\n`)).not.toContain(word);
        },
      ),
    );
  });
});

describe('knockgated import-fwknop', () => {
  const scene = () => {
    const folder = temporaryFolder();
    const access = join(folder, 'access.conf');
    writeFileSync(access, LEAST);
    return { access, folder, paths: pathsFrom({}, join(folder, 'gate.toml')) };
  };

  it('writes keys for the gate and nobody else, and leaves them when it is asked again', async () => {
    const { access, folder, paths } = scene();
    const result = await readFwknop(paths, access, undefined);
    const path = join(folder, 'fwknop/fwknop-1');
    expect(result.keyFiles).toEqual([path]);
    expect(readFileSync(path, 'utf8')).toContain(KEY);
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(statSync(join(folder, 'fwknop')).mode & 0o777).toBe(0o750);
    expect(await readFwknop(paths, access, undefined)).toEqual(result);
  });

  it('writes what the daemon’s group can read, whatever the umask', async () => {
    const { access, folder, paths } = scene();
    const before = process.umask(0o077);
    try {
      await readFwknop(paths, access, undefined);
    } finally {
      process.umask(before);
    }
    expect(statSync(join(folder, 'fwknop')).mode & 0o777).toBe(0o750);
    expect(statSync(join(folder, 'fwknop/fwknop-1')).mode & 0o777).toBe(0o640);
  });

  it('never replaces keys that are there: a second file takes the next names, and each of both comes out as before', async () => {
    const { access, folder, paths } = scene();
    writeFileSync(access, `${LEAST}${LEAST.replace('ANY', '192.0.2.0/24')}`);
    const first = await readFwknop(paths, access, undefined);
    const other = join(folder, 'other.conf');
    writeFileSync(other, 'SOURCE ANY\nKEY another key\nOPEN_PORTS tcp/993\n');
    const second = await readFwknop(paths, other, undefined);
    expect([first, second].map(({ keyFiles }) => keyFiles.map((path) => basename(path)))).toEqual([
      ['fwknop-1', 'fwknop-2'],
      ['fwknop-3'],
    ]);
    expect(second.toml).toContain('name = "fwknop-3"');
    expect(await readFwknop(paths, access, undefined)).toEqual(first);
    expect(await readFwknop(paths, other, undefined)).toEqual(second);
    expect((await problemOf(() => readFwknop(paths, join(folder, 'none'), undefined))).code).toBe('file-unreadable');
  });

  it('writes no key of a file that it cannot write all keys of', async () => {
    const { access, folder, paths } = scene();
    writeFileSync(join(folder, 'fwknop'), 'not a folder');
    expect((await problemOf(() => readFwknop(paths, access, undefined))).code).toBe('file-unwritable');
  });
});
