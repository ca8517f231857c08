import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parseHostsList } from '../../../src/cli/many/hosts-list.ts';
import { formatGate, parseGate } from '../../../src/client/gate/ledger-state.ts';
import { addHostOfKind, readHostsFile, removeFromHostsFile } from '../../../src/client/hosts/hosts-file.ts';
import { type SealKey, seal, unsealWith } from '../../../src/client/keys/sealed-key-file.ts';
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import { type FuzzTarget, ifRead, must, SECRET, textOf, textTarget } from '../target.ts';

const KEY = `${'A'.repeat(42)}E`;
const HOSTS = `# what I knock at
[prod] # the first
gate = "knockgate1 gate ${KEY} 32 203.0.113.7 443,62201 prod"
ports = ["tcp/22"]
duration = 60
pskFile = "psk"

["bastion.example"]
kind = "fwknop"
address = "203.0.113.9"
keyFile = "keys"
carrier = "icmp"
source = "seen"
forward = "10.0.0.5:22"
user = "alice"

[door]
kind = "sequence"
address = "door.example"
steps = "7000:tcp 8000:udp:length=32:sport=4000-4100 icmp:length=120 9000:tcp:after=500ms:within=3s"
delay = 20
family = "ipv4"
`;

const HOSTS_LIST = '# ours\nweb1\n\ndev@web2   # the second\r\nssh://dev@web3:2222\nweb#4\n';

const SEALING = {
  crypto: { ...nodeCrypto, randomBytes: (length: number) => new Uint8Array(length).fill(4) },
  deriveKey: async () => new Uint8Array(32),
};
const SEAL_KEY: SealKey = { salt: new Uint8Array(16).fill(1), key: new Uint8Array(32).fill(2) };
const SEALED = seal(new Map([['identity', `${SECRET}`]]), SEAL_KEY, SEALING);

const LEDGER =
  '{"version":1,"clocks":{"prod":[-20,0]},"slots":{"alice":{"60000000":[0,1,31]}},"grants":[{"address":"203.0.113.7","from":"192.0.2.1","ports":["tcp/22"],"until":1800000000000}]}\n';

/** The files of the command line and of the editor. */
export const CLIENT_TARGETS: readonly FuzzTarget[] = [
  textTarget('hosts-toml', [HOSTS], (text) =>
    inFile(text, (path) => {
      const before = allHosts(path);
      if (before.length > 0) {
        // Adding one, and taking it out again, changes no other.
        const sequence = { address: 'new.example', steps: '7000 8000 9000' };
        if (isDone(() => addHostOfKind(path, 'fuzzed-host', 'sequence', sequence, 'x'))) {
          const names = allHosts(path).map(([name]) => name);
          must(names.includes('fuzzed-host') && names.length === before.length + 1, 'adding a host changes others');
          if (isDone(() => removeFromHostsFile(path, 'fuzzed-host', 'x')))
            must(isDeepStrictEqual(allHosts(path), before), 'removing a host changes others');
        }
      }
      return before;
    }),
  ),
  textTarget('hosts-list', [HOSTS_LIST], (text) => {
    const names = parseHostsList(text, 'hosts.txt');
    must(
      isDeepStrictEqual(parseHostsList(names.join('\n'), 'hosts.txt'), names),
      'changes when it is written and read',
    );
    return names;
  }),
  textTarget('sealed-keys', [SEALED, SEALED.replace(' 1 ', ' 2 ')], (text) => {
    const secrets = unsealWith(SEAL_KEY, text, 'keys', SEALING);
    must(secrets === undefined || text === SEALED, 'opens what nobody has sealed');
    return secrets?.size;
  }),
  {
    name: 'ledger',
    seeds: [Buffer.from(LEDGER)],
    read: (input) => {
      const state = parseGate(textOf(input));
      const written = formatGate(state);
      must(formatGate(parseGate(written)) === written, 'changes when it is written and read');
      return state;
    },
    declares: () => false,
  },
];

/** Whether something is done, rather than refused. */
function isDone(action: () => void): boolean {
  return (
    ifRead(() => {
      action();
      return true;
    }) === true
  );
}

type Named = readonly [name: string, host: unknown];

function allHosts(path: string): Named[] {
  return [...readHostsFile(path)];
}

let folder: string | undefined;

/** Runs something with a text as a file. */
function inFile<T>(text: string, use: (path: string) => T): T {
  if (folder === undefined) {
    const made = mkdtempSync(join(tmpdir(), 'knockgate-fuzz-'));
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
    folder = made;
  }
  const path = join(folder, 'hosts.toml');
  writeFileSync(path, text);
  return use(path);
}
