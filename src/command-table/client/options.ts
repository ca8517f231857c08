import type { ArgumentEntry, OptionEntry } from '../entry.ts';

/* Options that several commands of the client take. */

export const HOST: ArgumentEntry = {
  name: 'HOST',
  about: 'a name of hosts.toml, in capitals or not, or its address; a user and a port are left out: dev@prod, prod:22',
  proposes: 'hosts',
};

/** Of commands that log in. */
export const SSH_HOST: ArgumentEntry = {
  name: 'HOST',
  about: 'what you give to ssh: its configuration, keys, agent and jump hosts are used',
  proposes: 'hosts',
};

/** Of commands that log in to several hosts at the same time. */
export const SSH_HOSTS: ArgumentEntry = {
  name: 'HOST',
  unless: ['all', 'hosts'],
  about:
    'what you give to ssh: its configuration, keys, agent and jump hosts are used; several with commas: web1,web2. Or none, with --hosts or --all',
  proposes: 'hosts',
};

/** Of the same. With several hosts, a table says how each of them ended. */
export const HOSTS_OPTIONS: readonly OptionEntry[] = [
  { name: 'hosts', value: 'FILE', about: 'the hosts of a file, one a line', proposes: 'files' },
  { name: 'all', about: 'every gate of hosts.toml' },
  { name: 'parallel', value: 'NUMBER', about: 'how many hosts at the same time, 1 to 64', usual: '8' },
];

export const IDENTITY: OptionEntry = {
  name: 'identity',
  value: 'FILE',
  about: 'the key to knock with',
  usual: '~/.config/knockgate/id',
  proposes: 'files',
};

export const GATE_LINE: OptionEntry = {
  name: 'gate',
  value: 'LINE',
  about: "the gate's line, rather than the hosts file; HOST may then be the address to knock at",
};

export const PSK_FILE: OptionEntry = {
  name: 'psk-file',
  value: 'FILE',
  about: "the pre-shared key: with --gate, or in place of the host's",
  proposes: 'files',
};

/** Of commands that log in by ssh. */
export const LOGIN_OPTIONS: readonly OptionEntry[] = [
  { name: 'name', value: 'NAME', about: 'what you call the host', usual: 'HOST' },
  { name: 'ssh-config', value: 'FILE', about: 'as ssh -F', proposes: 'files' },
  {
    name: 'ssh',
    value: 'WAY',
    about: "log in by the system's ssh or by the library: system, library",
    usual: 'the library, and ssh where the library cannot',
    proposes: ['system', 'library'],
  },
  IDENTITY,
];

/** Meaning of `sshConfig` in the output of commands that remove a host. */
export const ENTRY_REMOVED = 'SSH configuration whose entry of the host was removed; null when none was';
