import type { CommandEntry, JsonField, OptionEntry } from '../entry.ts';
import { FROM_AFAR } from '../gate/from-afar.ts';
import { ENTRY_REMOVED, HOSTS_OPTIONS, LOGIN_OPTIONS, SSH_HOST, SSH_HOSTS } from './options.ts';

/* The commands that log in to servers. */

/** The fields that `--json` prints of several hosts. */
const HOSTS_JSON: readonly JsonField[] = [
  { path: 'hosts[].host', type: 'string', about: 'each host, in the order in which they were named' },
  { path: 'hosts[].code', type: 'number', about: 'the exit code that the command would have for this host alone' },
  { path: 'hosts[].seconds', type: 'number', about: 'how long it took' },
  { path: 'hosts[].error', type: 'object', about: 'what went wrong', when: 'only where something did' },
  { path: 'hosts[].error.code', type: 'string', about: 'its stable name' },
  { path: 'hosts[].error.what', type: 'string', about: 'what happened' },
  { path: 'hosts[].error.why', type: 'string', about: 'why', when: 'only where that is known' },
  { path: 'hosts[].error.next', type: 'string', about: 'what to do next', when: 'only where that is known' },
];

/** Of commands that show a plan and a report. */
const DETAIL_OPTIONS: readonly OptionEntry[] = [
  { name: 'verbose', about: 'show every file and command, rather than a summary' },
  { name: 'report', value: 'FILE', about: 'write plan and report to this file, with every detail', proposes: 'files' },
];

/** Of a set-up. */
const DEPLOY_JSON: readonly JsonField[] = [
  ...HOSTS_JSON,
  { path: 'hosts[].result', type: 'object', about: 'the result', when: 'only without an error' },
  { path: 'hosts[].result.report', type: 'string', about: 'in Markdown: what was done, or in a dry run what would be' },
];

export const DEPLOY: CommandEntry = {
  name: 'deploy',
  summary: 'Set up a gate on a server that you can ssh into',
  about: [
    'Looks at a server, shows what it is going to do, sets up the gate on trial, proves from outside that knock and login work, and only then keeps it. When anything goes wrong the server is as it was; without a confirmation it shows its ports again by itself. A second time it repairs and upgrades; key, clients and gate.toml stay.',
    'Several hosts are set up at the same time: HOST,HOST…, --hosts or --all. Each has a line in a table; one that fails does not keep the others from being set up. The command then ends with 15. Questions name their host, and are asked at a terminal only.',
    'Losing your key must not lock you out: name a second way in by --recovery-key, --device or --trust, or decline it by --no-second-way. Otherwise you are asked.',
  ],
  arguments: [SSH_HOSTS],
  options: [
    { name: 'dry-run', about: 'look, and print the plan: nothing is changed' },
    {
      name: 'yes',
      about:
        'do not ask whether to go on; ends when the clocks of the server and of this computer are more than 20 seconds apart',
    },
    { name: 'accept-clock', about: 'go on with clocks apart: knocks from here are corrected by that' },
    {
      name: 'hide',
      value: 'PORT,…',
      about: 'what to hide, ranges too: 22, tcp/8000-8010, udp/60000-60010; a number alone is one of TCP',
      usual: 'whatever sshd listens on',
    },
    {
      name: 'knock-ports',
      value: 'NUMBER,…',
      about: 'UDP ports to knock at',
      usual: '443 and one drawn at random, so that no port tells which program hides the others',
    },
    { name: 'trial', value: 'SECONDS', about: 'how long the server waits for the confirmation', usual: '180' },
    {
      name: 'no-psk',
      about:
        "make no pre-shared key for this device: without it, nothing but the gate's key protects recorded knocks from quantum computers, and another server that you deploy could misuse your knocks",
    },
    { name: 'without-service', about: 'on a server without systemd: install, and start nothing' },
    {
      name: 'recovery-key',
      value: 'FILE',
      about:
        'a second way in: another key, in a file under a passphrase, to be kept elsewhere; an existing file is used again. On any computer, knockgate recover FILE gets you in',
      proposes: 'files',
    },
    {
      name: 'device',
      value: 'LINE',
      about: 'a second way in: another device, by the line that its knockgate pubkey prints',
    },
    { name: 'trust', value: 'NETWORK,…', about: 'a second way in: networks that are never shut out' },
    { name: 'no-second-way', about: 'none: losing your key is then being locked out' },
    {
      name: 'write-ssh-config',
      about:
        'at the end, write the lines to ~/.ssh/config that let plain ssh knock, and try ssh HOST; otherwise you are asked',
    },
    ...DETAIL_OPTIONS,
    ...HOSTS_OPTIONS,
    ...LOGIN_OPTIONS,
  ],
  json: DEPLOY_JSON,
  examples: [
    {
      line: 'knockgate deploy prod --recovery-key /media/stick/prod',
      about: 'Set up a gate, with a spare key on a stick.',
    },
    {
      line: 'knockgate deploy prod --dry-run --hide 22,udp/60000-60010 --knock-ports 443,40000 --trust 10.8.0.0/24 --report plan.txt',
      about: 'Show the plan for other ports and a trusted network.',
    },
    {
      line: "knockgate deploy prod --yes --accept-clock --trial 300 --no-psk --device 'knockgate1 client …'",
      about: 'From a script, with another device as the second way in.',
    },
    {
      line: 'knockgate deploy 203.0.113.7 --name prod --ssh system --ssh-config ssh.conf --identity key --no-second-way --yes --write-ssh-config',
      about: "Log in by the system's ssh and its other configuration, and knock with another key.",
    },
    { line: 'knockgate deploy prod --without-service --no-second-way', about: 'On a server without systemd.' },
    {
      line: 'knockgate deploy web1,web2,web3 --yes --recovery-key /media/stick/web',
      about: 'Three servers at the same time, with one recovery key for all.',
    },
    { line: 'knockgate deploy --hosts hosts.txt --parallel 4 --yes --no-second-way --json', about: 'From a script.' },
    {
      line: 'knockgate deploy --all --dry-run --verbose',
      about: 'Every command that a repair would run on each gate.',
    },
  ],
};

export const UPGRADE: CommandEntry = {
  name: 'upgrade',
  summary: 'Bring gates to the version of this program',
  about: [
    'Does what a second `knockgate deploy` does, on trial as well, where there is a gate already. It never makes a new one. Key, clients and gate.toml stay.',
  ],
  arguments: [SSH_HOSTS],
  options: [
    { name: 'dry-run', about: 'look, and print the plan: nothing is changed' },
    {
      name: 'yes',
      about:
        'do not ask whether to go on; ends when the clocks of the server and of this computer are more than 20 seconds apart',
    },
    { name: 'accept-clock', about: 'go on with clocks apart: knocks from here are corrected by that' },
    { name: 'trial', value: 'SECONDS', about: 'how long the server waits for the confirmation', usual: '180' },
    ...DETAIL_OPTIONS,
    ...HOSTS_OPTIONS,
    ...LOGIN_OPTIONS,
  ],
  json: DEPLOY_JSON,
  examples: [
    {
      line: 'knockgate upgrade prod --verbose --report upgrade.txt',
      about: 'One gate, after a look at what will be done.',
    },
    { line: 'knockgate upgrade --all --yes', about: 'Every gate that this computer knows.' },
    {
      line: 'knockgate upgrade --hosts hosts.txt --dry-run --trial 60 --accept-clock --parallel 4 --json',
      about: 'Only the look, for a program.',
    },
    {
      line: 'knockgate upgrade 203.0.113.7 --name prod --ssh system --ssh-config ssh.conf --identity key --yes',
      about: 'With another login and another key.',
    },
  ],
};

export const UNDEPLOY: CommandEntry = {
  name: 'undeploy',
  summary: 'Remove a gate that deploy has set up',
  about: [
    'Shows the hidden ports again, and removes every file, folder, user and unit that `knockgate deploy` has made on the server. Packages stay, and are named. Then asks whether to take the host out of ~/.config/knockgate/hosts.toml, and its entry out of ~/.ssh/config if knockgate has written one.',
  ],
  arguments: [SSH_HOST],
  options: [
    { name: 'dry-run', about: 'print what would be done' },
    { name: 'yes', about: 'do not ask whether to go on; the host stays in hosts.toml and ~/.ssh/config' },
    { name: 'forget', about: 'take the host out of hosts.toml and ~/.ssh/config without asking' },
    ...DETAIL_OPTIONS,
    ...LOGIN_OPTIONS,
  ],
  json: [
    { path: 'host', type: 'string', about: 'its name' },
    { path: 'report', type: 'string', about: 'in Markdown: what was removed, or in a dry run what would be' },
    { path: 'forgotten', type: 'boolean', about: 'whether the host was taken out of hosts.toml' },
    { path: 'sshConfig', type: 'string | null', about: ENTRY_REMOVED },
  ],
  examples: [
    { line: 'knockgate undeploy prod', about: 'Remove the gate, after a look at what will be done.' },
    { line: 'knockgate undeploy prod --dry-run --verbose --report plan.txt', about: 'Only the look, at each command.' },
    {
      line: 'knockgate undeploy 203.0.113.7 --name prod --yes --forget --ssh library --ssh-config ssh.conf --identity key',
      about: 'From a script.',
    },
  ],
};

export const GATE: CommandEntry = {
  name: 'gate',
  summary: 'Ask the gate of a server, over ssh: status, list, revoke, client add, rotate …',
  about: [
    'Knocks, logs in, and runs a command of knockgated on the server: status, list, check, grant, revoke, flush, client add, client list, client remove, rotate. Its options follow it. The key of this device is not removed.',
    '`rotate` gives the gate a new key, and this device its new line; it is kept only when a knock with it was heard. Devices with the previous line are heard for 14 days more, or --days; --finish ends that, --back goes back to the previous key.',
    'Several gates are asked at the same time: HOST,HOST…, --hosts or --all. Each has a line in a table; the command ends with 15 when one of them has failed. With --json the answers are in one object: {"hosts": [{"host", "code", "seconds", "error", "result"}]}, where result is what the command prints for one gate.',
  ],
  arguments: [
    SSH_HOSTS,
    { name: 'COMMAND', many: true, about: 'what to ask, and its options; more: knockgate help gate COMMAND' },
  ],
  options: [...HOSTS_OPTIONS, ...LOGIN_OPTIONS],
  passesOn: FROM_AFAR,
  examples: [
    { line: 'knockgate gate prod status', about: 'How the gate is.' },
    { line: 'knockgate gate prod list --json', about: 'Who is let in, for a program.' },
    { line: 'knockgate gate prod client remove old-laptop', about: 'Shut out a device that was lost.' },
    { line: 'knockgate gate prod rotate --days 30', about: "Change the gate's key within 30 days." },
    { line: 'knockgate gate --all status', about: 'How every gate is that this computer knows.' },
    {
      line: "knockgate gate web1,web2 client remove 'knockgate1 client …'",
      about: 'Shut out a device on several servers, by its key.',
    },
    { line: 'knockgate gate --hosts hosts.txt --parallel 4 rotate', about: 'Change the keys of several gates.' },
    {
      line: 'knockgate gate 203.0.113.7 --name prod --ssh system --ssh-config ssh.conf --identity key check',
      about: 'With another login and another key.',
    },
  ],
};
