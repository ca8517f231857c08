import type { CommandEntry, JsonField } from '../entry.ts';
import { IDENTITY } from './options.ts';

/* The commands for this device's key, and for recovery keys. */

const LINE_JSON: readonly JsonField[] = [
  { path: 'name', type: 'string', about: 'what the gate calls the key' },
  { path: 'key', type: 'string', about: 'the public key, in base64url' },
  { path: 'line', type: 'string', about: 'the line for `knockgated client add`' },
];

export const KEYGEN: CommandEntry = {
  name: 'keygen',
  summary: "Make this device's key, and print the line to enrol it on a gate",
  about: [
    "Makes this device's key, once: an existing key is never overwritten. Prints the line that the administrator of a gate enrols. The key itself never leaves the file.",
    'The line is also written to FILE.pub, where `knockgate pubkey` finds the name again.',
  ],
  arguments: [],
  options: [
    {
      name: 'name',
      value: 'NAME',
      about: 'what the gate calls this key',
      usual: 'user-computer, and the name of FILE unless that is id',
    },
    { ...IDENTITY, about: 'where to put the key' },
  ],
  json: [...LINE_JSON, { path: 'file', type: 'string', about: 'where the key is' }],
  examples: [
    { line: 'knockgate keygen --name alice-laptop', about: 'The key of this device.' },
    { line: 'knockgate keygen --identity ~/.config/knockgate/work', about: 'Another key, for other gates.' },
  ],
};

export const PUBKEY: CommandEntry = {
  name: 'pubkey',
  summary: "Print the line that enrols this device's key on a gate",
  about: ['Prints the line that the administrator of a gate enrols. It holds no secret.'],
  arguments: [],
  options: [
    {
      name: 'name',
      value: 'NAME',
      about: 'what the gate calls this key',
      usual: 'the name that it got when it was made',
    },
    { ...IDENTITY, about: 'the key' },
  ],
  json: LINE_JSON,
  examples: [
    { line: 'ssh prod sudo knockgated client add "\'$(knockgate pubkey)\'"', about: 'Enrol this device on a server.' },
    {
      line: 'knockgate pubkey --name old-laptop --identity ~/.config/knockgate/work --json',
      about: 'Another key, for a program.',
    },
  ],
};

export const IMPORT_KEY: CommandEntry = {
  name: 'import-key',
  summary: 'Take over a recovery key, or a key that the editor exported',
  about: [
    'Opens a file of `knockgate deploy --recovery-key` or of Export Key… in the editor, asks for its passphrase, and takes over the key and the hosts that it opens. An existing key or host is not overwritten. Nothing is taken over when the key of a gate is known under another address already. FILE stays as it is.',
  ],
  arguments: [{ name: 'FILE', about: 'the file', proposes: 'files' }],
  options: [{ ...IDENTITY, about: 'where to put the key', usual: '~/.config/knockgate/ and its name' }],
  json: [
    { path: 'file', type: 'string', about: 'where the key is' },
    { path: 'hosts[].host', type: 'string', about: 'each host that the key opens' },
    { path: 'hosts[].added', type: 'boolean', about: 'whether it was added; false for a name that was there already' },
  ],
  examples: [
    { line: 'knockgate import-key /media/stick/prod', about: 'Go on with the recovery key, on a new computer.' },
    {
      line: 'knockgate import-key /media/stick/prod --identity ~/.config/knockgate/spare',
      about: 'Keep it under another name.',
    },
  ],
};

export const RECOVER: CommandEntry = {
  name: 'recover',
  summary: 'Get in with nothing but a recovery file: knock, and run ssh',
  about: [
    "Opens a file of `knockgate deploy --recovery-key` or of Export Key… in the editor, asks for its passphrase, knocks with its key at its host, and runs ssh to that host. On this computer it writes nothing; ssh may note the server's key in known_hosts. Ends with the exit code of ssh. To keep the key and the hosts: knockgate import-key FILE",
    'The file opens the port. sshd still wants its own key or a password.',
  ],
  arguments: [
    { name: 'FILE', about: 'the recovery file', proposes: 'files' },
    { name: 'ARGUMENT', optional: true, many: true, about: 'what follows -- is given to ssh' },
  ],
  options: [{ name: 'host', value: 'NAME', about: 'which host, when the file opens several' }],
  examples: [
    { line: 'knockgate recover /media/stick/prod', about: 'Log in from any computer.' },
    {
      line: 'knockgate recover /media/stick/prod --host prod -- -i /media/stick/id_ed25519',
      about: 'With a key of ssh that is on the stick as well.',
    },
  ],
};
