import type { CommandEntry, JsonField, OptionEntry } from '../entry.ts';
import { ENTRY_REMOVED, HOST } from './options.ts';

/* The commands for the hosts file. */

const SSH_CONFIG_FILE: OptionEntry = {
  name: 'ssh-config',
  value: 'FILE',
  about: 'the SSH configuration that holds the entry',
  usual: '~/.ssh/config',
  proposes: 'files',
};

export const ADD: CommandEntry = {
  name: 'add',
  summary: 'Add a host by the line that its gate prints',
  about: [
    'Adds a host to ~/.config/knockgate/hosts.toml by the line that `knockgated key` prints on the server, or `knockgated sequence` for a sequence of ports. Without LINE it is read from standard input.',
    'Several lines are a group: gates behind one address, all of which are knocked at.',
  ],
  arguments: [{ name: 'LINE', optional: true, many: true, about: 'the line, in quotes or not' }],
  options: [
    { name: 'name', value: 'NAME', about: 'what you call it: the name that you give to ssh', usual: "the gate's" },
    {
      name: 'replace',
      about:
        'give an existing host the new line; its other settings stay. The line that it has already needs none, and changes nothing',
    },
  ],
  json: [
    { path: 'host', type: 'string', about: 'its name' },
    { path: 'file', type: 'string', about: 'the hosts file' },
    { path: 'done', type: 'string', about: '`added`, `replaced`, or `unchanged` when it has that line already' },
  ],
  examples: [
    { line: 'ssh prod sudo knockgated key | knockgate add --name prod', about: 'Add a server that you can log in to.' },
    {
      line: "knockgate add 'knockgate1 gate …' --name prod --replace",
      about: 'Take the new line of a gate whose key was rotated.',
    },
    {
      line: "knockgate add 'knockgate1 sequence 203.0.113.7 udp/7000:length=32,icmp:length=120,tcp/9000 tcp/22 door'",
      about: 'Add a server that opens to a sequence of ports.',
    },
  ],
};

export const LIST: CommandEntry = {
  name: 'list',
  summary: 'List the hosts that are known',
  about: ['Lists the hosts of ~/.config/knockgate/hosts.toml: name, where the knock goes, what it asks for.'],
  arguments: [],
  options: [{ name: 'names', about: 'print the names alone, one a line, for a script' }],
  json: [
    {
      path: 'hosts.*',
      type: 'object',
      about: 'each host by its name; its fields are those of the setting knockgate.hosts',
    },
  ],
  examples: [
    { line: 'knockgate list', about: 'Every host.' },
    { line: 'knockgate list --names | xargs -n 1 knockgate knock', about: 'Knock at each of them.' },
    { line: 'knockgate list --json', about: 'For a program.' },
  ],
};

export const LINK: CommandEntry = {
  name: 'link',
  summary: 'Print a link that adds a host in the editor, after it has asked',
  about: [
    "Prints a link for a mail or a wiki. It opens the editor, which shows the gate's name, addresses, ports and key, and asks whether to add it. The link holds no secret: the gate still has to learn each client's key.",
  ],
  arguments: [HOST],
  options: [
    {
      name: 'scheme',
      value: 'SCHEME',
      about: 'the scheme of the editor: vscode, vscodium, cursor, …',
      usual: 'vscode',
      proposes: ['vscode', 'vscode-insiders', 'vscodium', 'cursor', 'windsurf'],
    },
  ],
  json: [
    { path: 'host', type: 'string', about: 'its name' },
    { path: 'link', type: 'string', about: 'the link' },
  ],
  examples: [
    { line: 'knockgate link prod', about: 'For VS Code.' },
    { line: 'knockgate link prod --scheme vscodium', about: 'For VSCodium.' },
  ],
};

export const REMOVE: CommandEntry = {
  name: 'remove',
  summary: 'Remove a host from hosts.toml',
  about: [
    'Removes a host from ~/.config/knockgate/hosts.toml, its pre-shared key if `knockgate deploy` has made it, and its entry of ~/.ssh/config if knockgate has written one. The gate on the server stays as it is: `knockgate undeploy HOST` removes that.',
  ],
  arguments: [HOST],
  options: [{ name: 'yes', about: 'do not ask' }, SSH_CONFIG_FILE],
  json: [
    { path: 'host', type: 'string', about: 'the host' },
    { path: 'file', type: 'string', about: 'the hosts file' },
    { path: 'sshConfig', type: 'string | null', about: ENTRY_REMOVED },
  ],
  examples: [
    { line: 'knockgate remove prod --yes', about: 'Forget a host.' },
    {
      line: 'knockgate remove prod --yes --ssh-config ssh.conf',
      about: 'Its entry is in another file than ~/.ssh/config.',
    },
  ],
};

export const RENAME: CommandEntry = {
  name: 'rename',
  summary: 'Give a host another name',
  about: [
    'Gives a host of ~/.config/knockgate/hosts.toml another name. Its other settings and the comments of the file stay. Its entry of ~/.ssh/config, if knockgate has written one, gets the new name too.',
  ],
  arguments: [HOST, { name: 'NAME', about: 'the new name: what you give to ssh' }],
  options: [SSH_CONFIG_FILE],
  json: [
    { path: 'host', type: 'string', about: 'the new name' },
    { path: 'before', type: 'string', about: 'the previous name' },
    { path: 'file', type: 'string', about: 'the hosts file' },
    {
      path: 'sshConfig',
      type: 'string | null',
      about: 'SSH configuration whose entry has the new name; null when there was no entry',
    },
  ],
  examples: [
    { line: 'knockgate rename prod web1', about: 'Call it web1.' },
    {
      line: 'knockgate rename prod web1 --ssh-config ssh.conf',
      about: 'Its entry is in another file than ~/.ssh/config.',
    },
  ],
};

export const SSH_CONFIG: CommandEntry = {
  name: 'ssh-config',
  summary: 'Print, write or remove lines of ~/.ssh/config with which every ssh to a host knocks',
  about: [
    "Prints an entry for ~/.ssh/config. With it ssh, git, rsync and an editor's ssh knock by themselves: they connect through `knockgate connect`.",
    'The entry names Node and this program by their whole paths: an editor that was started from a dock or a menu does not have the PATH of your terminal. Run it again when one of the two has moved.',
  ],
  arguments: [HOST],
  options: [
    { name: 'write', about: 'write the entry to the top of the file and replace an earlier one' },
    { name: 'remove', about: 'take the entry out of the file, also that of a host which is no longer in hosts.toml' },
    SSH_CONFIG_FILE,
  ],
  json: [
    { path: 'host', type: 'string', about: 'its name' },
    { path: 'lines[]', type: 'string', about: 'the lines of the entry; none with --remove' },
    { path: 'file', type: 'string | null', about: 'the file that was changed; null when none was' },
  ],
  examples: [
    { line: 'knockgate ssh-config prod --write', about: 'Every ssh prod knocks from now on.' },
    { line: 'knockgate ssh-config prod --write --ssh-config ssh.conf', about: 'In another file.' },
    { line: 'knockgate ssh-config prod --remove', about: 'Then ssh prod no longer knocks.' },
  ],
};

const IMPORT_JSON: readonly JsonField[] = [
  { path: 'host', type: 'string', about: 'its name' },
  { path: 'file', type: 'string', about: 'the hosts file' },
  { path: 'notes[]', type: 'string', about: 'what could not be carried over' },
];

const IMPORT_OPTIONS = (what: string) => [
  { name: 'address', value: 'ADDRESS', about: 'where to knock', usual: what },
  { name: 'name', value: 'NAME', about: 'what you call it: the name that you give to ssh', usual: "the section's" },
];

export const IMPORT_FWKNOPRC: CommandEntry = {
  name: 'import-fwknoprc',
  summary: 'Add a host by its stanza in .fwknoprc',
  about: [
    'Adds a host behind fwknopd to ~/.config/knockgate/hosts.toml, with its keys in a file beside it that only you can read. Says what could not be carried over. FILE stays as it is. For a stanza with USE_GPG, gpg exports the two keys.',
  ],
  arguments: [
    { name: 'FILE', about: 'the file, such as ~/.fwknoprc', proposes: 'files' },
    { name: 'STANZA', optional: true, about: 'which one; not needed when there is only one besides [default]' },
  ],
  options: IMPORT_OPTIONS("the stanza's SPA_SERVER"),
  json: [...IMPORT_JSON, { path: 'keyFiles[]', type: 'string', about: 'the files of its keys' }],
  examples: [
    { line: 'knockgate import-fwknoprc ~/.fwknoprc bastion', about: 'The stanza [bastion].' },
    {
      line: 'knockgate import-fwknoprc ~/.fwknoprc bastion --address 203.0.113.7 --name jump',
      about: 'Under another name, at another address.',
    },
  ],
};

export const IMPORT_KNOCKD: CommandEntry = {
  name: 'import-knockd',
  summary: 'Add a host by its section in knockd.conf',
  about: [
    "Adds a host that opens to a sequence of ports to ~/.config/knockgate/hosts.toml, by the server's knockd.conf. Says what could not be carried over. FILE stays as it is.",
  ],
  arguments: [
    { name: 'FILE', about: 'a copy of the knockd.conf', proposes: 'files' },
    { name: 'SECTION', optional: true, about: 'which door; not needed when only one can be knocked at' },
  ],
  options: IMPORT_OPTIONS("the section's target, if it has one"),
  json: IMPORT_JSON,
  examples: [
    {
      line: 'knockgate import-knockd knockd.conf openSSH --address bastion.example --name bastion',
      about: 'The door [openSSH] of a server.',
    },
  ],
};
