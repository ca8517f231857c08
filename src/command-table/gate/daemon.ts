import type { CommandEntry, JsonField, OptionEntry } from '../entry.ts';

/* The commands that run a gate, look at it and steer it. */

const PORT: OptionEntry = {
  name: 'port',
  value: 'PORT',
  about: 'which port: 22, tcp/8000-8010, udp/60000; may be given several times',
  usual: 'every hidden port',
  many: true,
};

export const RUN: CommandEntry = {
  name: 'run',
  summary: 'Be the daemon, or judge recorded packets',
  about: [
    'Runs the daemon until it is told to stop. With --pcap it says what the gate would have made of recorded packets, and opens nothing.',
  ],
  arguments: [],
  options: [
    {
      name: 'firewall',
      value: 'KIND',
      about: 'nftables; memory hides nothing and needs no rights; dry-run prints what it would tell nft',
      usual: 'nftables',
      proposes: ['nftables', 'memory', 'dry-run'],
    },
    { name: 'pcap', value: 'FILE', about: 'judge the packets of this file', proposes: 'files' },
  ],
  json: [
    { path: 'packets', type: 'number', about: 'UDP packets in the file; all of this only with --pcap' },
    { path: 'knocks', type: 'number', about: 'those of them that carried a tag of a client' },
    { path: 'granted', type: 'number', about: 'those of them that would have opened' },
  ],
  examples: [
    { line: 'knockgated run --firewall memory', about: 'Try a configuration without touching the firewall.' },
    { line: 'knockgated run --pcap packets.pcap', about: 'Find out later why a knock did not open.' },
  ],
};

export const RUN_ACTION: CommandEntry = {
  name: 'run-action',
  summary: 'Run one action that the daemon asks for',
  about: ['What knockgate-action@.service starts. It reads its order from standard input.'],
  arguments: [],
  options: [],
  examples: [{ line: 'systemctl enable --now knockgate-action.socket', about: 'Let the daemon ask for actions.' }],
};

export const CHECK: CommandEntry = {
  name: 'check',
  summary: 'Read the configuration, and say what is wrong with it',
  about: [
    'Reads everything that the daemon would read, and changes nothing. Says too when nothing listens on a hidden TCP port, and, run as root, when sshd listens on one that is not hidden.',
  ],
  arguments: [],
  options: [],
  json: [
    { path: 'ok', type: 'true', about: 'the configuration is good; otherwise there is an error instead' },
    { path: 'file', type: 'string', about: 'the configuration' },
    { path: 'hides[]', type: 'string', about: 'the hidden ports' },
    { path: 'knock_ports[]', type: 'number', about: 'where knocks are heard' },
    { path: 'clients', type: 'number', about: 'how many clients there are' },
    { path: 'fwknop', type: 'number', about: 'how many users of fwknop there are' },
    { path: 'sequences', type: 'number', about: 'how many sequences of ports there are' },
    { path: 'misfits[]', type: 'string', about: 'what does not fit between the configuration and this host' },
  ],
  examples: [
    { line: 'knockgated check', about: 'Before a reload.' },
    { line: 'knockgated check --config /root/gate.toml --json', about: 'Another file, for a program.' },
  ],
};

const STATUS_JSON: readonly JsonField[] = [
  { path: 'pid', type: 'number', about: "the daemon's process" },
  { path: 'armed', type: 'string | null', about: 'since when it hides the ports; null when it does not' },
  { path: 'trial', type: 'object | null', about: 'the trial; null without one' },
  { path: 'trial.seconds_left', type: 'number', about: 'for how much longer' },
  { path: 'previous_key', type: 'object | null', about: 'the key before a rotation; null without one' },
  { path: 'previous_key.until', type: 'string', about: 'when it ends' },
  { path: 'previous_key.state', type: 'string', about: '`good`, or `over` when that time has passed' },
  { path: 'hides[]', type: 'string', about: 'the hidden ports' },
  { path: 'shown_now', type: 'array | null', about: 'what an [[always_open]] shows at the moment; null for nothing' },
  { path: 'shown_now[]', type: 'string', about: 'ports, and until when' },
  { path: 'knock_ports[]', type: 'number', about: 'where knocks are heard' },
  { path: 'clients', type: 'number', about: 'how many clients there are' },
  { path: 'grants', type: 'number', about: 'how many live grants there are' },
  { path: 'capture', type: 'string', about: '`listening`, or `lost` while no knock is heard' },
  { path: 'state', type: 'string', about: '`durable`, or `degraded` when the folder for its state cannot be written' },
  { path: 'restored', type: 'number', about: 'how often the table was put back after somebody had changed it' },
  { path: 'lead_seconds', type: 'number', about: 'for how long clients at known addresses get in without a daemon' },
  { path: 'skipped', type: 'array | null', about: 'skipped parts of the configuration; null for none' },
  { path: 'skipped[]', type: 'string', about: 'a part, and why' },
  { path: 'packets.*', type: 'number', about: 'how many packets the daemon has judged, and how' },
  { path: 'kernel.*', type: 'number', about: 'how many packets each rule of the table has counted' },
  { path: 'time', type: 'string', about: "the server's clock" },
];

export const STATUS: CommandEntry = {
  name: 'status',
  summary: 'Say how the running daemon is',
  about: [
    'Says how the running daemon is. `shown_now` names what an [[always_open]] shows at the moment, and until when; `skipped` names the skipped parts of the configuration, and why.',
  ],
  arguments: [],
  options: [],
  json: STATUS_JSON,
  examples: [
    { line: 'knockgated status', about: 'The whole state.' },
    { line: 'knockgated status --json', about: 'For a program.' },
  ],
};

export const LIST: CommandEntry = {
  name: 'list',
  summary: 'Say who is let in at the moment, and for how long',
  about: ['Lists the live grants.'],
  arguments: [],
  options: [],
  json: [
    { path: '[].client', type: 'string', about: 'who knocked' },
    { path: '[].address', type: 'string', about: 'from where' },
    { path: '[].port', type: 'string', about: 'what is open' },
    { path: '[].seconds', type: 'number', about: 'for how much longer' },
  ],
  examples: [{ line: 'knockgated list', about: 'Everybody who is let in.' }],
};

export const GRANT: CommandEntry = {
  name: 'grant',
  summary: 'Open by hand',
  about: ['Lets an address in as if it had knocked.'],
  arguments: [{ name: 'ADDRESS', about: 'whom to let in' }],
  options: [PORT, { name: 'seconds', value: 'NUMBER', about: 'for how long', usual: 'as gate.toml says' }],
  json: [
    { path: 'address', type: 'string', about: 'who is let in' },
    { path: 'ports[]', type: 'string', about: 'what is open' },
    { path: 'seconds', type: 'number', about: 'for how long' },
  ],
  examples: [
    { line: 'knockgated grant 198.51.100.7', about: 'Let somebody in who cannot knock.' },
    { line: 'knockgated grant 198.51.100.7 --port 22 --seconds 60', about: 'One port, for a minute.' },
  ],
};

const ENDED_JSON: readonly JsonField[] = [{ path: 'ended', type: 'number', about: 'how many grants were ended' }];

export const REVOKE: CommandEntry = {
  name: 'revoke',
  summary: 'End grants',
  about: ['Ends the grants of an address, a network or a client. Connections that are up live on.'],
  arguments: [{ name: 'WHOM', about: 'an address, a network or the name of a client' }],
  options: [],
  json: ENDED_JSON,
  examples: [
    { line: 'knockgated revoke 198.51.100.7', about: 'One address.' },
    { line: 'knockgated revoke alice-laptop', about: 'One client.' },
  ],
};

export const FLUSH: CommandEntry = {
  name: 'flush',
  summary: 'End all grants',
  about: ['Ends all grants. Connections that are up live on.'],
  arguments: [],
  options: [],
  json: ENDED_JSON,
  examples: [{ line: 'knockgated flush', about: 'Nobody is let in until the next knock.' }],
};

export const RELOAD: CommandEntry = {
  name: 'reload',
  summary: 'Bring a changed configuration into force',
  about: [
    'Makes the daemon read its configuration again. A bad one changes nothing, and is an error that says which line is wrong; `systemctl reload knockgate` fails with it.',
  ],
  arguments: [],
  options: [],
  json: [],
  examples: [{ line: 'knockgated reload', about: 'After a change of gate.toml.' }],
};

export const TRIAL: CommandEntry = {
  name: 'trial',
  summary: 'Hide the ports for so long and no longer, unless it is confirmed',
  about: ['Hides the ports for so many seconds and no longer, unless it is confirmed: see ARMING in knockgated(8).'],
  arguments: [{ name: 'SECONDS', about: '10 to 3600' }],
  options: [],
  json: [
    { path: 'seconds', type: 'number', about: 'how long the trial takes' },
    { path: 'running', type: 'boolean', about: 'whether a daemon runs; otherwise the trial begins when it starts' },
  ],
  examples: [{ line: 'knockgated trial 300', about: 'Five minutes to log in over a new connection.' }],
};

export const CONFIRM: CommandEntry = {
  name: 'confirm',
  summary: 'End the trial: the ports stay hidden',
  about: ['Ends the trial: the ports stay hidden.'],
  arguments: [],
  options: [],
  json: [],
  examples: [{ line: 'knockgated confirm', about: 'The login over a new connection has worked.' }],
};
