import { ExitCode } from '../../src/base/problem.ts';

/** One line that is typed, on the person's computer or as root on a server. */
export interface Act {
  readonly at: 'alice' | 'prod' | 'web3';
  readonly line: string;
  /** Questions and their answers, in order. */
  readonly answers?: readonly (readonly [question: string, answer: string])[];
  /** Whether it is an example of the command table; otherwise it makes ready what the next examples need. */
  readonly example: boolean;
  /** Output after which it is told to end: it would run on. */
  readonly until?: string;
  /** Exit code; 0 unless given. */
  readonly code?: number;
}

type More = Partial<Pick<Act, 'answers' | 'until' | 'code'>>;
const alice = (line: string, more: More = {}): Act => ({ at: 'alice', line, example: true, ...more });
const prod = (line: string, more: More = {}): Act => ({ at: 'prod', line, example: true, ...more });
const ready = (at: Act['at'], ...lines: string[]): Act[] => lines.map((line) => ({ at, line, example: false }));

const PASSPHRASE = 'correct horse battery staple';
const YES = ['Do this? [yes/no]', 'yes'] as const;
const NEW_PASSPHRASE = [
  ['A new passphrase', PASSPHRASE],
  ['The same once more', PASSPHRASE],
] as const;
const OPENED = ['Passphrase of', PASSPHRASE] as const;

const PSK = 'head -c 32 /dev/urandom | base64 | tr "+/" "-_" | tr -d "=\\n"';
const HIDE_MORE =
  'sed -i \'s|^ports = .*|ports = ["tcp/22", "udp/60000-60010"]|\' /etc/knockgate/gate.toml; ' +
  'printf \'\\n[[action]]\\nname = "wake"\\nopen = ["/bin/true"]\\nuser = "games"\\n\' >>/etc/knockgate/gate.toml; ' +
  'printf \'\\n[[sequence]]\\nname = "door"\\nsteps = ["tcp/7003", "icmp:length=99", "udp/7001", "tcp/7005"]\\n\' >>/etc/knockgate/gate.toml';

/** A new gate, and a client that adds it by hand. */
const FIRST: readonly Act[] = [
  alice(
    'knockgate deploy prod --dry-run --hide 22,udp/60000-60010 --knock-ports 443,40000 --trust 10.8.0.0/24 --report plan.txt',
  ),
  ...ready('alice', 'test -s plan.txt', 'knockgate keygen --name other --identity other'),
  alice("knockgate deploy prod --yes --accept-clock --trial 300 --no-psk --device 'knockgate1 client …'"),
  ...ready('alice', 'knockgate knock prod', 'knockgate remove prod --yes'),
  alice('ssh prod sudo knockgated key | knockgate add --name prod'),
  alice('ssh prod sudo knockgated client add "\'$(knockgate pubkey)\'"'),
];

/** The gate by its own commands, as root. */
const GATE: readonly Act[] = [
  ...ready('prod', HIDE_MORE, 'cp /etc/knockgate/gate.toml /etc/knockgate/gate.key /root/'),
  prod('knockgated check'),
  prod('knockgated check --config /root/gate.toml --json'),
  prod('knockgated reload'),
  prod('systemctl enable --now knockgate-action.socket'),
  prod("knockgated client add 'knockgate1 client …'"),
  ...ready(
    'prod',
    `mkdir -p /etc/knockgate/psk; ${PSK} >/etc/knockgate/psk/backup.psk; chgrp -R knockgate /etc/knockgate/psk`,
  ),
  ...ready('prod', 'chmod 640 /etc/knockgate/psk/backup.psk'),
  ...ready('alice', 'knockgate keygen --name backup --identity key'),
  prod(
    "knockgated client add 'knockgate1 client …' --name backup --port 22 --port udp/60000-60010 --psk-file /etc/knockgate/psk/backup.psk",
  ),
  prod('knockgated client list'),
  prod('knockgated grant 198.51.100.7'),
  prod('knockgated grant 198.51.100.7 --port 22 --seconds 60'),
  prod('knockgated list'),
  prod('knockgated status'),
  prod('knockgated status --json'),
  prod('knockgated activity'),
  prod('knockgated activity --days 31 --json'),
  prod('knockgated events'),
  prod('knockgated events --event refused --reason replayed --since 24h --limit 1000 --json'),
  prod('knockgated events --client alice-laptop --address 203.0.113.0/24 --since 2026-11-01 --until 2026-11-30T14:05'),
  prod('knockgated events --before s=…'),
  prod('knockgated metrics'),
  ...ready('prod', 'mkdir -p /var/lib/prometheus/node-exporter'),
  prod('knockgated metrics --to /var/lib/prometheus/node-exporter/knockgate.prom'),
  prod('journalctl -u knockgate -o cat --no-pager | knockgated audit verify -'),
  ...ready('prod', 'journalctl -u knockgate -o cat --no-pager >log', 'cp log copy'),
  prod('knockgated audit verify log --against copy'),
  prod('knockgated revoke 198.51.100.7'),
  prod('knockgated revoke alice-laptop'),
  prod('knockgated flush'),
  prod('knockgated key'),
  prod('knockgated key --address prod.example,203.0.113.7 --name prod --link'),
  prod('knockgated sequence door --address prod.example --name prod'),
  prod('knockgated trial 300'),
  prod('knockgated confirm'),
  prod('knockgated fleet adopt 5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f --as web1'),
  prod('knockgated fleet status'),
  prod('knockgated fleet leave'),
  prod('knockgated run --pcap packets.pcap'),
  prod('knockgated import-knockd /etc/knockd.conf'),
  prod('knockgated import-fwknop /etc/fwknop/access.conf /etc/fwknop/fwknopd.conf'),
  prod("knockgated import-pyknock /etc/systemd/system/pyknock.service pyknock.rules --client 'knockgate1 client …'"),
  prod('knockgated import-xt-pknock pknock.rules'),
  prod("knockgated import-xt-pknock pknock.rules --client 'knockgate1 client …'"),
  prod("knockgated import-aldaba /etc/aldabad.conf aldaba.conf --client 'knockgate1 client …'"),
];

/** A client at an open gate, with a key of its own for the examples that name one. */
const KNOCKS: readonly Act[] = [
  ...ready('alice', 'knockgate knock prod; ssh prod sudo cat /etc/knockgate/psk/backup.psk >psk; chmod 600 psk'),
  alice('knockgate knock prod && ssh prod'),
  alice('knockgate knock prod --port 22,udp/60000-60010 --force'),
  alice('knockgate knock prod --json --timeout 20'),
  alice('knockgate knock prod --action wake'),
  alice("knockgate knock 203.0.113.7 --gate 'knockgate1 gate …' --identity key --psk-file psk"),
  alice("ssh -o ProxyCommand='knockgate connect prod %p' prod"),
  alice(
    `ssh -o ProxyCommand="knockgate connect 203.0.113.7 %p --gate 'knockgate1 gate …' --identity key --psk-file psk" prod`,
  ),
  alice('knockgate list --names | xargs -n 1 knockgate knock'),
  alice('knockgate status'),
  alice('knockgate status prod --identity key --json'),
  alice('knockgate diagnose prod'),
  alice('knockgate diagnose prod --issue'),
  alice("knockgate diagnose 203.0.113.7 --gate 'knockgate1 gate …' --identity key --psk-file psk"),
];

/** The end of a gate, and another one by the system's ssh. */
const AGAIN: readonly Act[] = [
  alice('knockgate undeploy prod --dry-run --verbose --report plan.txt'),
  alice('knockgate undeploy prod', { answers: [YES, ['hosts.toml?', 'no']] }),
  ...ready('alice', 'knockgate remove prod --yes', 'rm key; cp ~/.config/knockgate/id key; chmod 600 key'),
  alice(
    'knockgate deploy 203.0.113.7 --name prod --ssh system --ssh-config ssh.conf --identity key --no-second-way --yes --write-ssh-config',
  ),
  alice('knockgate activity 203.0.113.7 --name prod --ssh system --ssh-config ssh.conf --identity key'),
  alice('knockgate events 203.0.113.7 --name prod --ssh system --ssh-config ssh.conf --identity key'),
  alice('knockgate gate 203.0.113.7 --name prod --ssh system --ssh-config ssh.conf --identity key check'),
  alice('knockgate upgrade 203.0.113.7 --name prod --ssh system --ssh-config ssh.conf --identity key --yes'),
  alice('knockgate undeploy 203.0.113.7 --name prod --yes --forget --ssh library --ssh-config ssh.conf --identity key'),
  ...ready('alice', '! grep -q ">>> knockgate" ssh.conf'),
  // This server has systemd: test/deploy/without-service.test.ts has one without.
  alice('knockgate deploy prod --without-service --no-second-way', { code: ExitCode.configuration }),
  alice('knockgate deploy prod --recovery-key /media/stick/prod', {
    answers: [YES, ...NEW_PASSPHRASE, ['Write them?', 'yes']],
  }),
  ...ready('alice', 'ssh prod true'),
];

/** A recovery key, and the gate from afar. */
const AFAR: readonly Act[] = [
  alice('knockgate import-key /media/stick/prod', { answers: [OPENED] }),
  alice('knockgate import-key /media/stick/prod --identity ~/.config/knockgate/spare', { answers: [OPENED] }),
  ...ready('alice', 'cp ssh_key /media/stick/id_ed25519; chmod 600 /media/stick/id_ed25519'),
  alice('knockgate recover /media/stick/prod', { answers: [OPENED, ['$', 'exit']] }),
  alice('knockgate recover /media/stick/prod --host prod -- -i /media/stick/id_ed25519', {
    answers: [OPENED, ['$', 'exit']],
  }),
  alice('knockgate upgrade prod --verbose --report upgrade.txt', { answers: [YES] }),
  alice('knockgate gate prod status'),
  alice('knockgate gate prod list --json'),
  alice('knockgate activity prod'),
  alice('knockgate activity prod --days 31 --json'),
  alice('knockgate activity prod --days 7 --csv >week.csv'),
  ...ready('alice', 'grep -q ,granted,, week.csv'),
  alice('knockgate events prod'),
  alice('knockgate events prod --event refused --reason replayed --since 24h --limit 1000 --json'),
  alice('knockgate events prod --client alice-laptop --address 203.0.113.0/24 --until 2026-11-30T14:05 --all-pages'),
  alice('knockgate events prod --all-pages --csv >events.csv'),
  ...ready('alice', 'grep -q ,armed, events.csv'),
  alice('knockgate events prod --before s=…'),
  ...ready('alice', 'knockgate gate prod client add "$(knockgate pubkey --identity other --name old-laptop)"'),
  alice('knockgate gate prod client remove old-laptop'),
  alice('knockgate gate prod rotate --days 30'),
  ...ready('prod', 'knockgated rotate --finish'),
  prod('knockgated rotate --days 30 --address prod.example --name prod'),
  prod('knockgated rotate --back'),
  prod('knockgated rotate --finish'),
  ...ready('prod', "knockgated client add 'knockgate1 client …' --name old-laptop"),
  prod('knockgated client remove old-laptop'),
];

/** Several servers at the same time. */
const MANY: readonly Act[] = [
  ...ready('alice', 'knockgate remove prod --yes', 'printf "web1\\nweb2\\nweb3\\n" >hosts.txt'),
  alice('knockgate deploy web1,web2,web3 --yes --recovery-key /media/stick/web', { answers: NEW_PASSPHRASE }),
  alice('knockgate deploy --hosts hosts.txt --parallel 4 --yes --no-second-way --json'),
  alice('knockgate deploy --all --dry-run --verbose'),
  alice('knockgate upgrade --all --yes'),
  alice('knockgate upgrade --hosts hosts.txt --dry-run --trial 60 --accept-clock --parallel 4 --json'),
  alice('knockgate gate --all status'),
  ...ready('alice', 'knockgate gate --all client add "$(knockgate pubkey --identity other)"'),
  alice("knockgate gate web1,web2 client remove 'knockgate1 client …'"),
  alice('knockgate gate --hosts hosts.txt --parallel 4 rotate'),
];

/** Commands that end the gate for its clients. */
const LAST: readonly Act[] = [
  { at: 'web3', line: 'knockgated key --adopt', example: true },
  { at: 'web3', line: 'knockgated key --new', example: true },
  // README, for somebody who is locked out.
  ...ready('web3', 'systemctl disable --now knockgate knockgate-boot; nft delete table inet knockgate'),
  { at: 'web3', line: 'knockgated run --firewall memory', example: true, until: '"event":"armed"' },
];

/** Every example that needs a server, in an order in which each can be typed. */
export const SCRIPT: readonly Act[] = [...FIRST, ...GATE, ...KNOCKS, ...AGAIN, ...AFAR, ...MANY, ...LAST];
