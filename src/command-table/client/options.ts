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
