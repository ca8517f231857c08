/** One SSH configuration and one server. In its lines, DIR, PORT, NODE and RELAY are put in. */
export interface MatrixCase {
  readonly name: string;
  /** Lines for the host's block. They come first, so they win. */
  readonly client?: readonly string[];
  /** Lines for sshd_config, likewise. */
  readonly server?: readonly string[];
  /** The key that is used; `none` for a password alone. `DIR/ed` by default. */
  readonly key?: string;
  /** Lines of known_hosts, where KEY, RSA, EC and OTHER are keys; `[127.0.0.1]:PORT KEY` by default. */
  readonly known?: readonly string[];
  /** Answer that a person types. */
  readonly typed?: string;
  /** Blocks for other hosts. */
  readonly hosts?: readonly string[];
  /** Nothing in the folder for temporary files can be run (noexec). */
  readonly noexec?: true;
  /** Command for ssh: `true` by default. */
  readonly runs?: readonly string[];
  /** ssh does not get in, nor do we. */
  readonly refused?: 'host key' | 'login';
  /** One of those that `.ci/run` tries. */
  readonly short?: true;
}

export const PASSWORD = 'a password of the matrix';
export const PASSPHRASE = 'a passphrase of the matrix';

/** Text that ssh reads as the variable HOME. */
const VARIABLE = '$' + '{HOME}';

const JUMP = ['Host jump', 'HostName 127.0.0.1', 'Port PORT', 'IdentityFile DIR/ed'];
const PASSWORD_ONLY = { key: 'none', typed: PASSWORD } as const;

export const CASES: readonly MatrixCase[] = [
  { name: 'an ordinary host', short: true },
  // HOME is elsewhere: ssh takes the home of the password file.
  { name: 'a key by %d', key: '%d/..DIR/ed', short: true },
  { name: 'a key by ~', key: '~/..DIR/ed' },
  // How the connection is made.
  { name: 'ProxyCommand', client: ['ProxyCommand NODE RELAY %h %p'] },
  {
    name: 'ProxyCommand with quotes',
    client: ['ProxyCommand sh -c "sleep 0.1; exec NODE RELAY %h %p"'],
    short: true,
  },
  { name: 'ProxyCommand with a #', client: ['ProxyCommand sh -c ": \'#\'; exec NODE RELAY %h %p"'] },
  { name: 'ProxyCommand with %%', client: ['ProxyCommand sh -c "printf %%s >&2; exec NODE RELAY %h %p"'] },
  { name: 'ProxyCommand with a variable', client: ['ProxyCommand sh -c "exec NODE RELAY %h$NO_PORT %p"'] },
  { name: 'ProxyJump', client: ['ProxyJump jump'], hosts: JUMP, known: ['[127.0.0.1]:PORT KEY'] },
  { name: 'ProxyJump as a URI', client: ['ProxyJump ssh://root@jump:PORT'], hosts: JUMP },
  { name: 'ProxyJump over two hosts', client: ['ProxyJump jump,jump'], hosts: JUMP },
  { name: 'BindAddress', client: ['BindAddress 127.0.0.1'], short: true },
  { name: 'AddressFamily inet', client: ['AddressFamily inet'] },
  { name: 'a name with a dead first address', client: ['HostName localhost'], known: ['[localhost]:PORT KEY'] },
  { name: 'ConnectTimeout', client: ['ConnectTimeout 9'] },
  { name: 'Compression', client: ['Compression yes'] },
  { name: 'ControlMaster auto', client: ['ControlMaster auto', 'ControlPath DIR/%C', 'ControlPersist 1'] },
  { name: 'Match exec', client: ['Match exec "true"', 'ConnectTimeout 9'] },
  { name: 'ForwardAgent', client: ['ForwardAgent yes'] },
  { name: 'PermitLocalCommand', client: ['PermitLocalCommand yes', 'LocalCommand true'] },
  { name: 'SetEnv', client: ['SetEnv LANG=C'] },
  { name: 'a rule for rekeying', client: ['RekeyLimit 1G 1h'] },
  // What is run.
  { name: 'RemoteCommand', client: ['RemoteCommand true'], runs: [], short: true },
  { name: 'RemoteCommand by the system', client: ['RemoteCommand true', 'BindAddress 127.0.0.1'], runs: [] },
  { name: 'RequestTTY', client: ['RequestTTY yes'] },
  { name: 'StdinNull', client: ['StdinNull yes', 'BindAddress 127.0.0.1'] },
  { name: 'LogLevel QUIET', client: ['LogLevel QUIET', 'BindAddress 127.0.0.1'] },
  { name: 'LogLevel DEBUG', client: ['LogLevel DEBUG', 'BindAddress 127.0.0.1'] },
  { name: 'BatchMode', client: ['BatchMode yes'] },
  // Which host it is.
  { name: 'known_hosts with a blank', client: ['UserKnownHostsFile "DIR/known hosts"'], known: [], short: true },
  { name: 'a second known_hosts', client: ['UserKnownHostsFile DIR/missing DIR/known_hosts'] },
  { name: 'known_hosts that is a folder', client: ['UserKnownHostsFile DIR DIR/known_hosts'] },
  { name: 'known by a pattern', known: ['[127.0.0.*]:PORT KEY'] },
  { name: 'known without the port', known: ['127.0.0.1 KEY'], short: true },
  { name: 'known by its RSA key', known: ['[127.0.0.1]:PORT RSA'] },
  { name: 'known by its ECDSA key', known: ['[127.0.0.1]:PORT EC'] },
  { name: 'another key is known without the port', known: ['[127.0.0.1]:PORT KEY', '127.0.0.1 OTHER'] },
  { name: 'HostKeyAlias', client: ['HostKeyAlias alias'], known: ['alias KEY'] },
  { name: 'an authority in known_hosts', known: ['@cert-authority other KEY', '[127.0.0.1]:PORT KEY'] },
  { name: 'unknown, StrictHostKeyChecking no', client: ['StrictHostKeyChecking no'], known: [], short: true },
  { name: 'unknown, accept-new', client: ['StrictHostKeyChecking accept-new'], known: [] },
  { name: 'nothing noted', client: ['StrictHostKeyChecking no', 'UserKnownHostsFile /dev/null'], known: [] },
  { name: 'another key', known: ['[127.0.0.1]:PORT OTHER'], refused: 'host key', short: true },
  {
    name: 'another key, accept-new',
    client: ['StrictHostKeyChecking accept-new'],
    known: ['[127.0.0.1]:PORT OTHER'],
    refused: 'host key',
  },
  {
    name: 'another key for the system',
    client: ['BindAddress 127.0.0.1'],
    known: ['[127.0.0.1]:PORT OTHER'],
    refused: 'host key',
  },
  { name: 'another key by its alias', client: ['HostKeyAlias alias'], known: ['alias OTHER'], refused: 'host key' },
  { name: 'unknown, strict', client: ['StrictHostKeyChecking yes'], known: [], refused: 'host key', short: true },
  {
    name: 'only another key without the port',
    client: ['StrictHostKeyChecking yes'],
    known: ['127.0.0.1 OTHER'],
    refused: 'host key',
  },
  { name: 'revoked', known: ['@revoked [127.0.0.1]:PORT KEY', '[127.0.0.1]:PORT KEY'], refused: 'host key' },
  // Which key is used.
  { name: 'a key with two blanks', key: '"DIR/my  key"' },
  { name: 'a key by a variable', key: `${VARIABLE}/ed` },
  { name: 'a key with the name of the host', key: 'DIR/%n' },
  { name: 'a key with a token of ssh alone', key: 'DIR/user%i', short: true },
  { name: 'a missing key before it', client: ['IdentityFile DIR/missing'] },
  { name: 'four other keys before it', client: ['j1', 'j2', 'j3', 'j4'].map((name) => `IdentityFile DIR/${name}`) },
  { name: 'an RSA key', key: 'DIR/rsa' },
  { name: 'an ECDSA key', key: 'DIR/ec' },
  { name: 'an RSA key in PEM', key: 'DIR/pem' },
  { name: 'an RSA key in PKCS#8', key: 'DIR/pk8', short: true },
  { name: 'an ECDSA key in PKCS#8', key: 'DIR/ecpk8' },
  { name: 'a key under a passphrase', key: 'DIR/sealed', typed: PASSPHRASE },
  { name: 'a key under chacha20', key: 'DIR/chacha', typed: PASSPHRASE, short: true },
  {
    name: 'a key of the agent',
    key: 'none',
    client: ['IdentityAgent DIR/agent', 'IdentitiesOnly no'],
    server: ['MaxAuthTries 20'],
  },
  {
    name: 'the agent’s key by its public half',
    key: 'DIR/right.pub',
    client: ['IdentityAgent DIR/agent'],
    short: true,
  },
  { name: 'one of many keys of the agent', key: 'DIR/right', client: ['IdentityAgent DIR/agent', 'IdentitiesOnly no'] },
  { name: 'an agent that is not there', client: ['IdentityAgent DIR/no-agent'] },
  { name: 'a certificate', key: 'DIR/certified', server: ['TrustedUserCAKeys DIR/ca.pub'] },
  { name: 'a key that is not enrolled', key: 'DIR/j1', refused: 'login' },
  // What the server knows and allows.
  { name: 'KexAlgorithms sntrup761', server: ['KexAlgorithms sntrup761x25519-sha512@openssh.com'], short: true },
  { name: 'KexAlgorithms group exchange', server: ['KexAlgorithms diffie-hellman-group-exchange-sha256'] },
  { name: 'MACs umac-128', server: ['Ciphers aes256-ctr', 'MACs umac-128-etm@openssh.com'], short: true },
  { name: 'Ciphers aes128-gcm', server: ['Ciphers aes128-gcm@openssh.com'] },
  { name: 'Ciphers chacha20', server: ['Ciphers chacha20-poly1305@openssh.com'] },
  {
    name: 'HostKeyAlgorithms rsa-sha2-512',
    server: ['HostKeyAlgorithms rsa-sha2-512'],
    known: ['[127.0.0.1]:PORT RSA'],
  },
  { name: 'MaxSessions 1', server: ['MaxSessions 1'], short: true },
  { name: 'MaxSessions 1 for the system', server: ['MaxSessions 1'], client: ['BindAddress 127.0.0.1'] },
  { name: 'MaxAuthTries 2', server: ['MaxAuthTries 2'] },
  { name: 'no forwarding, no terminal', server: ['DisableForwarding yes', 'PermitTTY no'] },
  { name: 'a banner', server: ['Banner DIR/banner'] },
  { name: 'a password', ...PASSWORD_ONLY },
  { name: 'a password for the system', ...PASSWORD_ONLY, client: ['BindAddress 127.0.0.1'] },
  {
    name: 'a password, the system, noexec',
    ...PASSWORD_ONLY,
    client: ['BindAddress 127.0.0.1'],
    noexec: true,
    short: true,
  },
  {
    name: 'a password after other algorithms',
    ...PASSWORD_ONLY,
    server: ['KexAlgorithms sntrup761x25519-sha512@openssh.com'],
  },
  { name: 'a key and a password', typed: PASSWORD, server: ['AuthenticationMethods publickey,password'] },
];
