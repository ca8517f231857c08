import { parseGateConfig } from '../../../server-helper/config/gate-config.ts';
import { importFwknop } from '../../../server-helper/import/fwknop.ts';
import { showImported } from '../../../server-helper/import/imported.ts';
import { importKnockd } from '../../../server-helper/import/knockd.ts';
import { inEnglish } from '../../../src/base/phrase.ts';
import { Problem } from '../../../src/base/problem.ts';
import { parseFwknopHost } from '../../../src/client/fwknop/host.ts';
import { importFwknopRc } from '../../../src/client/fwknop/rc-file.ts';
import { parseSequenceHost } from '../../../src/client/sequence/host.ts';
import { importKnockdDoors } from '../../../src/client/sequence/knockd-door.ts';
import { openingOf } from '../../../src/firewall-commands/opening.ts';
import { type FuzzTarget, ifRead, must, SECRET, SECRET_BASE64, secretsBehind, textTarget } from '../target.ts';

const RC = `[default]
USE_HMAC                    Y
HMAC_DIGEST_TYPE            SHA512
[bastion]
SPA_SERVER                  bastion.example
ACCESS                      tcp/22,udp/53
ALLOW_IP                    source
SPA_SERVER_PORT             443
SPA_SERVER_PROTO            tcpraw
ENCRYPTION_MODE             legacy
DIGEST_TYPE                 SHA1
FW_TIMEOUT                  60
SPOOF_USER                  alice
KEY                         ${SECRET}KeyOfRijndael
HMAC_KEY_BASE64             ${SECRET_BASE64}S2V5T2ZIbWFj
NAT_ACCESS                  10.0.0.5,22
WGET_CMD                    /usr/bin/wget
[gpg]
USE_GPG Y
GPG_RECIPIENT 4E69
GPG_SIGNER me@example
GPG_SIGNING_PW ${SECRET}Passphrase
SPA_SERVER 203.0.113.7
`;
const ACCESS = `#### comment
SOURCE: 198.51.100.0/24, 203.0.113.9;
KEY_BASE64: ${SECRET_BASE64}S2V5T2ZSaWpuZGFlbA==;
HMAC_KEY: ${SECRET}KeyOfHmac;
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
KEY ${SECRET}OfTheOther
ACCESS_EXPIRE 12/31/2029
FORCE_NAT 10.0.0.5 22
FORCE_MASQUERADE Y
ENABLE_CMD_EXEC Y
%include /etc/fwknop/more.conf
GPG_REMOTE_ID 4E69
`;
const FWKNOPD = `# comment
PCAP_INTF eth0;
PCAP_FILTER udp port 62201;
MAX_SPA_PACKET_AGE 120;
ENABLE_UDP_SERVER Y;
UDPSERV_PORT 1234;
`;
const KNOCKD = `[options]
	UseSyslog
[openSSH]
	sequence    = 7000,8000:udp,9000
	seq_timeout = 5
	command     = /sbin/iptables -A INPUT -s %IP% -p tcp --dport 22 -j ACCEPT
	tcpflags    = syn
	target = 203.0.113.7
	cmd_timeout = 10
[closeSSH]
	sequence    = 9000,8000,7000
	command     = /sbin/iptables -D INPUT -s %IP% -p tcp --dport 22 -j ACCEPT
[list]
	one_time_sequences = /etc/knockd/list
	start_command_6 = ip6tables -A INPUT -s %IP% -j ACCEPT
	stop_command = true
`;

const COMMAND = `iptables -D INPUT 1 2>/dev/null; /sbin/iptables -I INPUT -s %IP%/32 -p tcp -m multiport --dports 22,80:82 -j ACCEPT && sleep 5
ip6tables -C INPUT -s %IP% -j ACCEPT || sh -c 'nft add rule inet filter input ip saddr { %IP% } tcp dport { 22, ssh } ct state new counter accept'
ufw insert 1 allow proto tcp from %IP% to any port 22 comment "a b"; knock_add -i -c INPUT -p tcp -d 443 -f %IP% # comment
firewall-cmd --zone=public --add-rich-rule='rule family="ipv4" source address="%IP%" port port="22" protocol="tcp" accept' --timeout=5m
`;

const OF_RC = secretsBehind(
  /^\s*(KEY|KEY_BASE64|HMAC_KEY|HMAC_KEY_BASE64|GPG_SIGNING_PW|GPG_SIGNING_PW_BASE64):?[ \t]+[^\s]*$/,
);
const OF_ACCESS = secretsBehind(/^\s*(KEY|KEY_BASE64|HMAC_KEY|HMAC_KEY_BASE64|GPG_DECRYPT_PW):?[ \t]+[^\s;]*$/);

/** Readers for moving from fwknop and knockd. */
export const IMPORT_TARGETS: readonly FuzzTarget[] = [
  textTarget(
    'fwknoprc',
    [RC],
    (text) =>
      importFwknopRc(text).map(({ name, fields, gpg, notes }) => {
        // What is carried over is good, or refused by the name of the field.
        const table = {
          ...fields,
          ...(gpg === undefined ? { keyFile: 'keys' } : { gpgRecipientFile: 'asc', keyFile: 'keys' }),
        };
        ifRead(() => parseFwknopHost('host', { kind: 'fwknop', ...table }, 'hosts.toml', 'file'));
        return { name, fields, notes: notes.map((note) => inEnglish(note)) };
      }),
    { hidesSecret: OF_RC },
  ),
  textTarget(
    'access-conf',
    [ACCESS],
    (text) => {
      const { keyFiles, ...imported } = importFwknop({ text, file: 'access.conf' }, undefined, '/etc/knockgate/fwknop');
      if (keyFiles.length > 0) parseImported(showImported(imported));
      return imported;
    },
    { hidesSecret: OF_ACCESS },
  ),
  textTarget('fwknopd-conf', [FWKNOPD], (text) => {
    const access = { text: 'SOURCE ANY\nKEY hush\n', file: 'access.conf' };
    const imported = importFwknop(access, { text, file: 'fwknopd.conf' }, '/etc/knockgate/fwknop');
    parseImported(showImported(imported));
    return imported;
  }),
  textTarget('knockd-conf', [KNOCKD], (text) => {
    const imported = importKnockd(text, 'knockd.conf');
    parseImported(`[gate]\nports = ["tcp/22", "udp/1194"]\n${showImported(imported)}\n`);
    return imported;
  }),
  textTarget(
    'firewall-command',
    [COMMAND, ...COMMAND.trimEnd().split('\n')],
    (text) => {
      const openings = (['ipv4', 'ipv6'] as const).map((family) => openingOf(text, family));
      for (const opening of openings)
        must(opening.does !== 'open' || opening.ports.length > 0, 'opens no port, and says that it opens');
      return openings;
    },
    { words: ['%IP%', '--dport', '-j', 'ACCEPT', '!', '0.0.0.0/0', '@set', 'FORWARD', '$(x)'] },
  ),
  textTarget('knockd-door', [KNOCKD], (text) =>
    importKnockdDoors(text, 'knockd.conf').map((door, i) => {
      const { fields } = door;
      const more = fields.address === undefined ? { address: 'host.example' } : {};
      // The host is as good as its fields: those that were imported are taken, or said to be wrong.
      ifRead(() => parseSequenceHost('door', { kind: 'sequence', ...fields, ...more }, 'hosts.toml', 'file'));
      // Of the one that is chosen: each says what is to be said of the whole file, too.
      return i === 0 ? { fields, notes: door.notes } : { fields };
    }),
  ),
];

/** Errors of the gate about things that a person has to choose. */
const TO_CHOOSE = /begin alike|is not among the ports|is a knock port|opens single ports/;

/** Expects the gate to accept the result of an import. */
function parseImported(toml: string): void {
  try {
    parseGateConfig(`${toml}\n`, 'gate.toml');
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const fault = error.text.what.split('\n').find((line) => !TO_CHOOSE.test(line));
    must(fault === undefined, `makes a gate.toml that the gate refuses: ${fault?.replace(/^[^ ]* |[0-9]+/g, '')}`);
  }
}
