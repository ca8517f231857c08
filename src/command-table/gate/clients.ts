import type { CommandEntry, OptionEntry } from '../entry.ts';

/* The commands of a gate for its key and its clients. */

const ADDRESS: OptionEntry = {
  name: 'address',
  value: 'ADDRESS,…',
  about: 'the addresses in the line',
  usual: 'those of this machine',
};
const NAME: OptionEntry = { name: 'name', value: 'NAME', about: 'the name in the line', usual: 'that of this machine' };

export const KEY: CommandEntry = {
  name: 'key',
  summary: 'Print the line to give to clients',
  about: ["Prints the line to give to clients, and makes the gate's key when there is none."],
  arguments: [],
  options: [
    ADDRESS,
    NAME,
    { name: 'new', about: 'replace the key: every client then needs the new line' },
    { name: 'adopt', about: 'take a key that was made on another machine, for one that was moved or reinstalled' },
    {
      name: 'link',
      about:
        "print the line as a link for a mail or a wiki: it opens the editor, which shows the gate's addresses, ports and key, and asks whether to add it",
    },
  ],
  json: [
    { path: 'line', type: 'string', about: 'the line' },
    { path: 'made', type: 'boolean', about: 'whether the key was made just now' },
    { path: 'link', type: 'string', about: 'the link', when: 'only with --link' },
  ],
  examples: [
    { line: 'knockgated key', about: 'The line.' },
    {
      line: 'knockgated key --address prod.example,203.0.113.7 --name prod --link',
      about: 'A link, with the address that clients use.',
    },
    { line: 'knockgated key --adopt', about: 'After the disk was moved into another machine.' },
    { line: 'knockgated key --new', about: 'Begin again, when nobody else needs the previous key.' },
  ],
};

export const ROTATE: CommandEntry = {
  name: 'rotate',
  summary: 'Make a new key, and keep the previous one good for some days',
  about: [
    'Makes a new key and prints its line. Until the previous key ends, clients get in with either line. Clients that still use the previous line after that are not heard, and the journal does not name them.',
    '`knockgate gate HOST rotate` does this from afar, and proves that the new line works.',
  ],
  arguments: [],
  options: [
    { name: 'days', value: 'NUMBER', about: 'how long the previous key stays good, 1 to 365', usual: '14' },
    { name: 'back', about: 'go back to the previous key; the new one stays good for those days' },
    { name: 'finish', about: 'the previous key is not good any more' },
    ADDRESS,
    NAME,
  ],
  json: [
    { path: 'line', type: 'string', about: 'the present line' },
    { path: 'reloaded', type: 'boolean', about: 'whether a daemon runs, which took the change' },
    { path: 'until', type: 'string | null', about: 'when the other key ends; null after --finish' },
  ],
  examples: [
    {
      line: 'knockgated rotate --days 30 --address prod.example --name prod',
      about: 'Give everybody a month for the new line.',
    },
    { line: 'knockgated rotate --back', about: 'Go back.' },
    { line: 'knockgated rotate --finish', about: 'End the previous key at once.' },
  ],
};

export const SEQUENCE: CommandEntry = {
  name: 'sequence',
  summary: 'Print the line of a sequence of ports to give to a client',
  about: [
    'Prints a line for `knockgate add` with the steps of a [[sequence]] of gate.toml and their conditions. The client then sends exactly these packets. Anybody who reads the line can knock: send it as you would send a password.',
  ],
  arguments: [{ name: 'NAME', about: 'the name of the [[sequence]]' }],
  options: [
    { name: 'address', value: 'ADDRESS', about: 'the address in the line', usual: 'the first one of this machine' },
    { name: 'name', value: 'NAME', about: 'the name in the line', usual: 'that of the sequence' },
  ],
  json: [{ path: 'line', type: 'string', about: 'the line' }],
  examples: [
    { line: 'knockgated sequence door --address prod.example --name prod', about: 'The sequence called door.' },
  ],
};

export const CLIENT_ADD: CommandEntry = {
  name: 'client add',
  summary: 'Let a client knock',
  about: [
    'Enrols a client by the line that its `knockgate pubkey` prints. A line that is enrolled already changes nothing.',
  ],
  arguments: [{ name: 'LINE', many: true, about: 'the line, in quotes or not' }],
  options: [
    { name: 'name', value: 'NAME', about: 'what it is called here', usual: 'the name in its line' },
    {
      name: 'port',
      value: 'PORT',
      about: 'let it ask for that port only: 22, tcp/8000-8010, udp/60000; may be given several times',
      usual: 'every hidden port',
      many: true,
    },
    {
      name: 'psk-file',
      value: 'FILE',
      about: 'a file with a secret that client and gate share besides',
      proposes: 'files',
    },
  ],
  json: [
    { path: 'name', type: 'string', about: 'what the client is called here' },
    { path: 'reloaded', type: 'boolean', about: 'whether a daemon runs, which took the change' },
    { path: 'known', type: 'boolean', about: 'whether it was enrolled just so before, and nothing was changed' },
  ],
  examples: [
    { line: "knockgated client add 'knockgate1 client …'", about: 'Enrol a device.' },
    {
      line: "knockgated client add 'knockgate1 client …' --name backup --port 22 --port udp/60000-60010 --psk-file /etc/knockgate/psk/backup.psk",
      about: 'Another name, fewer ports, and a pre-shared key.',
    },
  ],
};

export const CLIENT_LIST: CommandEntry = {
  name: 'client list',
  summary: 'List who may knock',
  about: ['Lists who may knock, and who else gets in: by fwknop, by a sequence of ports, or from a trusted network.'],
  arguments: [],
  options: [],
  json: [
    { path: '[].name', type: 'string', about: 'each client, by its name' },
    { path: '[].key', type: 'string', about: 'its public key, in base64url' },
    { path: '[].ports[]', type: 'string', about: 'what it may ask for' },
    { path: '[].enabled', type: 'boolean', about: 'whether it may knock at all' },
    { path: '[].origin', type: 'string', about: 'fleet: it comes from signed documents', when: 'only then' },
  ],
  examples: [{ line: 'knockgated client list', about: 'Everybody.' }],
};

const KNOWN = 'not with a key that the gate does not know';
const UNKNOWN = 'only with `knockgate gate` and such a key';

export const CLIENT_REMOVE: CommandEntry = {
  name: 'client remove',
  summary: 'Let a client knock no more',
  about: [
    'Takes a client out of gate.toml, and ends the grants that it has. `knockgate gate HOST client remove` also takes its key or its line, and is content when the gate does not know that key.',
  ],
  arguments: [{ name: 'NAME', about: 'what `knockgated client list` calls it' }],
  options: [],
  json: [
    { path: 'name', type: 'string', about: 'the client', when: KNOWN },
    { path: 'reloaded', type: 'boolean', about: 'whether a daemon runs, which took the change', when: KNOWN },
    {
      path: 'nobody_left',
      type: 'boolean',
      about: 'whether nothing of the configuration opens this gate any more',
      when: KNOWN,
    },
    { path: 'key', type: 'string', about: 'a key that this gate does not know', when: UNKNOWN },
    { path: 'known', type: 'false', about: 'nothing was changed', when: UNKNOWN },
  ],
  examples: [{ line: 'knockgated client remove old-laptop', about: 'Shut out a device that was lost.' }],
};
