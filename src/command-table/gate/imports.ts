import type { CommandEntry, JsonField, OptionEntry } from '../entry.ts';

/* The commands that read other programs' configurations. */

const IMPORT_JSON: readonly JsonField[] = [
  { path: 'toml', type: 'string', about: 'tables for gate.toml; those that need a look first are comments' },
  { path: 'doors', type: 'number', about: 'how many of them open; with none, there is an error instead' },
  { path: 'notes[]', type: 'string', about: 'what could not be carried over, or means something else here' },
];

export const IMPORT_KNOCKD: CommandEntry = {
  name: 'import-knockd',
  summary: 'Print the doors of a knockd.conf for gate.toml',
  about: [
    'Prints the doors of a knockd.conf as tables for gate.toml, and as comments what could not be carried over. A door with a condition that a gate does not check is a comment as a whole. Ends with 3 when no door comes out that opens.',
  ],
  arguments: [{ name: 'FILE', about: 'the knockd.conf', proposes: 'files' }],
  options: [],
  json: IMPORT_JSON,
  examples: [{ line: 'knockgated import-knockd /etc/knockd.conf', about: 'Look at the doors.' }],
};

export const IMPORT_FWKNOP: CommandEntry = {
  name: 'import-fwknop',
  summary: "Print fwknopd's configuration as a gate.toml",
  about: [
    "Prints what fwknopd's configuration is as a whole gate.toml, and what could not be carried over. Its keys go into files below fwknop beside gate.toml, which itself is left alone; existing key files are never replaced.",
  ],
  arguments: [
    { name: 'ACCESS.CONF', about: 'the stanzas', proposes: 'files' },
    { name: 'FWKNOPD.CONF', optional: true, about: 'the settings', proposes: 'files' },
  ],
  options: [],
  json: [...IMPORT_JSON, { path: 'key_files[]', type: 'string', about: 'the files of its keys' }],
  examples: [
    {
      line: 'knockgated import-fwknop /etc/fwknop/access.conf /etc/fwknop/fwknopd.conf',
      about: 'Look at the gate.toml.',
    },
  ],
};

const CLIENT: OptionEntry = {
  name: 'client',
  value: 'LINE',
  about: 'the line that `knockgate pubkey` prints on a client that may knock; may be given several times, needed once',
  many: true,
};

export const IMPORT_PYKNOCK: CommandEntry = {
  name: 'import-pyknock',
  summary: "Print pyknock-server's command as a gate.toml",
  about: [
    'Prints what a call of pyknock-server opens as a whole gate.toml, and what could not be carried over. FILE is the unit file or the script that calls it. Ports that it opens by a set of ipset are in RULES: a script, or the output of `iptables-save` and `ipset save`.',
    'The pre-shared key is not carried over: a gate knows each client by a key of its own.',
  ],
  arguments: [
    { name: 'FILE', about: 'the unit file or the script', proposes: 'files' },
    { name: 'RULES', optional: true, about: 'the rules of the firewall; without it, those in FILE', proposes: 'files' },
  ],
  options: [CLIENT],
  json: IMPORT_JSON,
  examples: [
    {
      line: "knockgated import-pyknock /etc/systemd/system/pyknock.service pyknock.rules --client 'knockgate1 client …'",
      about: 'Look at the gate.toml.',
    },
  ],
};

export const IMPORT_XT_PKNOCK: CommandEntry = {
  name: 'import-xt-pknock',
  summary: 'Print rules with -m pknock as a gate.toml',
  about: [
    'Prints rules of iptables with `-m pknock` as a whole gate.toml, and what could not be carried over. FILE is a script, or the output of `iptables-save`. A sequence of ports becomes a `[[sequence]]`, a rule with secrets a client.',
  ],
  arguments: [{ name: 'FILE', about: 'the rules', proposes: 'files' }],
  options: [{ ...CLIENT, about: 'the line that `knockgate pubkey` prints on a client that had the secrets of a rule' }],
  json: IMPORT_JSON,
  examples: [
    { line: 'knockgated import-xt-pknock pknock.rules', about: 'Look at the sequences.' },
    {
      line: "knockgated import-xt-pknock pknock.rules --client 'knockgate1 client …'",
      about: 'Look at the rule with secrets, too.',
    },
  ],
};

export const IMPORT_ALDABA: CommandEntry = {
  name: 'import-aldaba',
  summary: "Print Aldaba's configuration as a gate.toml",
  about: [
    'Prints what the configurations of aldabad and of its client are as a whole gate.toml, and what could not be carried over. aldabad opens any port that is asked for; a gate opens those that ALDABA.CONF asks for.',
  ],
  arguments: [
    { name: 'ALDABAD.CONF', about: 'the configuration of the server', proposes: 'files' },
    { name: 'ALDABA.CONF', about: 'the configuration of a client', proposes: 'files' },
  ],
  options: [CLIENT],
  json: IMPORT_JSON,
  examples: [
    {
      line: "knockgated import-aldaba /etc/aldabad.conf aldaba.conf --client 'knockgate1 client …'",
      about: 'Look at the gate.toml.',
    },
  ],
};
