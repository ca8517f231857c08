import { parseGateConfig } from '../../../server-helper/config/gate-config.ts';
import { importAldaba } from '../../../server-helper/import/aldaba.ts';
import type { Imported } from '../../../server-helper/import/imported.ts';
import { showImported } from '../../../server-helper/import/imported.ts';
import { importPyknock } from '../../../server-helper/import/pyknock.ts';
import { importXtPknock } from '../../../server-helper/import/xt-pknock.ts';
import { Problem } from '../../../src/base/problem.ts';
import { type FuzzTarget, must, SECRET, secretsBehind, textTarget } from '../target.ts';

const CALL = `#!/bin/sh
ipset create -exist ssh_in hash:ip family inet timeout 60
iptables -A INPUT -p tcp -m multiport --dports 22,80:82 -m set --match-set ssh_in src -j ACCEPT
pyknock-server -p 60120 --time-drift=30 '${SECRET}' "ipset add -exist ssh_in \\$ip timeout 5" 'true' &
`;
const UNIT = `[Unit]
Description=pyknock-server
[Service]
ExecStart=-/usr/bin/python3 /usr/bin/pyknock-server \\
  '${SECRET}' 'iptables -I INPUT -s $\${ip} -p tcp --dport 22 -j ACCEPT' true
`;
const RULES = `# Generated
*filter
[0:0] -A INPUT -p tcp -m pknock --knockports 4002,4001,4004 --time 10 --strict --autoclose 2 --name "MY DOOR" -m tcp --dport 22 -j ACCEPT
iptables -A INPUT -p udp -m pknock --name WEB --knockports 2000 --opensecret ${SECRET}open --closesecret ${SECRET}shut -j DROP
-A INPUT -p tcp -m pknock --checkip --name WEB -m tcp --dport 443 -j ACCEPT
`;
const ALDABAD = `# aldabad.conf
passphrase = '${SECRET} of Aldaba'
technique = SPA
cipher AES-ofb   # of four
`;
const ALDABA = `hostname = "bastion.example"
port = 22/tcp
port=53/udp
action = open
ip-version IPv6
`;
const CLIENTS = [{ key: new Uint8Array(32).fill(9), name: 'alice' }];

/** Expects the gate to accept the result of an import. */
function accepted(imported: Imported): Imported {
  if (imported.doors === 0) {
    must(imported.toml === '', 'has no door, and tables');
    return imported;
  }
  try {
    parseGateConfig(`${showImported(imported)}\n`, 'gate.toml');
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const fault = error.text.what.split('\n').find((line) => !/begin alike|is a knock port|is taken by/.test(line));
    must(fault === undefined, `makes a gate.toml that the gate refuses: ${fault?.replace(/^[^ ]* |[0-9]+/g, '')}`);
  }
  return imported;
}

/** Readers for moving from pyknock, xt_pknock and Aldaba. */
export const PEER_TARGETS: readonly FuzzTarget[] = [
  textTarget(
    'pyknock-call',
    [CALL, UNIT],
    (text) => accepted(importPyknock({ text, file: 'knock.sh' }, undefined, CLIENTS)),
    { hidesSecret: secretsBehind(/^(?:.*pyknock-server (?:-[a-z-]+[= ][0-9]+ )*| {2})'$/) },
  ),
  textTarget('xt-pknock-rules', [RULES], (text) => accepted(importXtPknock({ text, file: 'rules' }, CLIENTS)), {
    hidesSecret: (text) =>
      text
        .split(SECRET)
        .slice(0, -1)
        .every((before) => /--(?:open|close)secret $/.test(before)),
  }),
  textTarget(
    'aldabad-conf',
    [ALDABAD],
    (text) => accepted(importAldaba({ text, file: 'aldabad.conf' }, { text: ALDABA, file: 'aldaba.conf' }, CLIENTS)),
    { hidesSecret: secretsBehind(/^passphrase\s*=?\s*'$/) },
  ),
  textTarget('aldaba-conf', [ALDABA], (text) =>
    accepted(importAldaba({ text: ALDABAD, file: 'aldabad.conf' }, { text, file: 'aldaba.conf' }, CLIENTS)),
  ),
];
