/*
 * The unit tests that Windows cannot run, each with the reason. A test is named by its file and by its own name with those of the
 * suites around it; a suite names all tests in it. unit.test.ts counts them, and fails when a name here is of no test any more.
 */

/** Files that are not run at all. */
const EXCLUDED_FILES: readonly { files: string; reason: string }[] = [
  { files: 'test/unit/gate/', reason: 'the gate runs on Linux only' },
  { files: 'test/unit/bench/', reason: 'the benchmark measures gates' },
  { files: 'test/unit/architecture.test.ts', reason: 'it reads the source, and nothing of it depends on the system' },
  { files: 'test/unit/prose/', reason: 'it reads the source, and nothing of it depends on the system' },
  { files: 'test/unit/scripts/', reason: 'it tests scripts that build and publish, which run on Linux' },
  { files: 'test/unit/vscode/bundles.test.ts', reason: 'it tests scripts that build and publish, which run on Linux' },
  {
    files: 'test/unit/client/toy/',
    reason: 'it replaces a module by another, which the runner under Wine cannot',
  },
];

const MODES = 'Windows has no modes of files, and no owners by number';
const LINKS = 'a link takes a right that few users of Windows have';
const SHELL = 'it runs sh, or a script for sh that plays another program';
const PROGRAMS = 'it runs ssh or ssh-keygen, which Wine has not';
const SHARED = 'ssh on Windows cannot share a connection, so none is held by it';
const SOCKETS = 'it is about sockets in the file system and scripts for sh; test/windows/there has the hook of Windows';
const CARRIES = 'the hook has no ProxyCommand on Windows';
const ERRORS = 'Windows says of such a path that the file is missing';
const ACCOUNTS = 'Windows has no password file';
const SIGNALS = 'no process can be sent Ctrl-C there';

/** By reason and file: names of tests and suites. */
const TESTS: Readonly<Record<string, Readonly<Record<string, readonly (string | RegExp)[]>>>> = {
  [MODES]: {
    'test/unit/cli/run.test.ts': [
      'keygen and pubkey > say what is wrong with the key, and end with 14',
      'knock > refuses a psk that others can read, by its path',
      'a pre-shared key > that others can read, or that is missing, sends nothing',
    ],
    'test/unit/cli/sequence.test.ts': [
      'a host that opens to a sequence of ports > may be one that opens once, by a key that only its owner can read',
    ],
    'test/unit/client/keys/identity.test.ts': [
      /^reading a key > refuses mode /,
      "reading a key > refuses somebody else's",
    ],
    'test/unit/client/gate/ledger.test.ts': [
      'the ledger > is neither read nor written where somebody else may have laid it',
    ],
    'test/unit/fwknop/gpg-folder.test.ts': ['a folder of GnuPG > is one’s own with what is above and in it, or root’s'],
  },
  [LINKS]: {
    'test/unit/client/hosts/hosts-file.test.ts': ['adding a host > writes through a link'],
    'test/unit/ssh/hook/config-change.test.ts': [
      'a change of an SSH configuration > goes to where a link leads, and the link stays',
      'a change of an SSH configuration > is refused when the link leads nowhere',
    ],
  },
  [SHELL]: {
    'test/unit/cli/raw-socket.test.ts': ['a raw socket'],
    'test/unit/client/network/ping.test.ts': [
      'ping > has sent when somebody answers, when nobody does, and when it is ended',
      'ping > says what has failed, in words that can be printed',
      'ping > gets no more than words: no shell reads them',
    ],
    'test/unit/deploy/editor-node.test.ts': ['a Node that an editor has left', 'a copy of it for root'],
    'test/unit/deploy/facts.test.ts': [
      /^the output of an inspection > comes from scripts that (sh|bash) reads to their end$/,
    ],
    'test/unit/deploy/host-lock.test.ts': ['the lock on a server'],
    'test/unit/deploy/packages.test.ts': [/^packages > are (found and installed by|not looked for where)/],
    'test/unit/deploy/proxy-command.test.ts': ['a ProxyCommand that makes no connection'],
    'test/unit/deploy/remote-over.test.ts': ['a login shell'],
    'test/unit/deploy/shell-words.test.ts': ['a command line, read by sh', 'a command line, read by bash'],
    'test/unit/firewall-commands/shell.test.ts': [
      /^a line for a shell > has the words that this system's shell gives to a program/,
    ],
    'test/unit/deploy/sudo.test.ts': [/^becoming root > (lets a real shell pass on|makes one environment for all)/],
    'test/unit/deploy/marked-command.test.ts': [/^a marked command > brings every argument as it was through /],
    'test/unit/deploy/askpass.test.ts': ['a question of ssh'],
    'test/unit/client/fwknop/gpg-program.test.ts': ['what gpg lists', 'what gpg exports'],
    'test/unit/ssh/hook/files.test.ts': [
      'the script > is one that every POSIX shell reads, and keeps its block from applying when nobody listens',
      'the script > says what is wrong when the editor is gone that should carry a connection',
    ],
    'test/unit/ssh/hook/helper.test.ts': [
      'the hook that is run inside a window of the editor',
      'the hook without Node',
    ],
    'test/unit/vscode/knock/doors.test.ts': [/^asking ssh > uses the program and the configuration/],
    'test/unit/vscode/gpg-host.test.ts': ["a stanza of .fwknoprc in GnuPG's mode"],
    'test/unit/vscode/host-forms/gpg-key-steps.test.ts': ["adding a host in GnuPG's mode"],
  },
  [PROGRAMS]: {
    'test/unit/deploy/known-hosts.test.ts': ['hashed names > are those of ssh-keygen, both ways'],
    'test/unit/deploy/hostile-server.test.ts': ['a hostile server'],
    'test/unit/deploy/open.test.ts': ['a way through jump hosts'],
    'test/unit/deploy/settings.test.ts': ['what ssh would do', 'the system ssh is taken'],
    'test/unit/cli/fleet/publish.test.ts': ['signing > is done by the real ssh-keygen'],
    'test/unit/fleet/reader.test.ts': ['a reader that shares no code with ours'],
    'test/unit/fleet/sshsig.test.ts': ['signatures by ssh-keygen'],
  },
  [SHARED]: {
    'test/unit/deploy/system-carrier.test.ts': [
      'what a server writes without end',
      'the connection that is held',
      'the folders of a login',
    ],
  },
  [SOCKETS]: {
    'test/unit/ssh/hook/server.test.ts': [
      'the leader > says so when there can be no socket',
      /^the leader > refuses a folder that is a link/,
    ],
    'test/unit/vscode/ssh-hook.test.ts': ['enabling the SSH hook', 'the running hook'],
  },
  [CARRIES]: {
    'test/unit/ssh/hook/open-window.test.ts': ['an open window'],
    'test/unit/ssh/hook/proxy.test.ts': ['the ProxyCommand of the hook'],
  },
  [ERRORS]: {
    'test/unit/client/keys/identity.test.ts': ['reading a key > says so when it cannot be opened'],
  },
  [ACCOUNTS]: {
    'test/unit/ssh/own-account.test.ts': ['the own account'],
  },
  [SIGNALS]: {
    'test/unit/cli/main.test.ts': ['the program > ends with 13 on Ctrl-C'],
  },
};

/** A test, by its file and by its own name with those of the suites around it. */
interface NamedTest {
  readonly file: string;
  readonly name: string;
}

/** Reason why Windows cannot run a test; undefined when it can. */
export function reasonFor(file: string, name: string): string | undefined {
  return Object.entries(TESTS).find(([, files]) => (files[file] ?? []).some((each) => isOf(each, name)))?.[0];
}

/** Whether a file of tests is not run at all. */
export function isExcluded(file: string): boolean {
  return EXCLUDED_FILES.some(({ files }) => file.startsWith(files));
}

/**
 * How much is left out, one line for each reason.
 * @param unitFiles all files of unit tests
 */
export function countExclusions(skipped: readonly NamedTest[], unitFiles: readonly string[]): string[] {
  const tests = Object.keys(TESTS).map((reason) => {
    const count = skipped.filter(({ file, name }) => reasonFor(file, name) === reason).length;
    return `tests: ${count}: ${reason}`;
  });
  const files = EXCLUDED_FILES.map(
    ({ files, reason }) => `files: ${filesOf(files, unitFiles).length}, ${files}: ${reason}`,
  );
  return [...tests, ...files];
}

/**
 * Lists faults of the exclusions: those that name no test or no file, and tests that were left out without a reason.
 * @param unitFiles all files of unit tests
 */
export function wrongExclusions(skipped: readonly NamedTest[], unitFiles: readonly string[]): string[] {
  const named = Object.values(TESTS).flatMap((files) =>
    Object.entries(files).flatMap(([file, names]) => names.map((name) => ({ file, name }))),
  );
  const unused = named.filter((each) => !skipped.some(({ file, name }) => file === each.file && isOf(each.name, name)));
  const unnamed = skipped.filter(({ file, name }) => reasonFor(file, name) === undefined);
  const empty = EXCLUDED_FILES.filter(({ files }) => filesOf(files, unitFiles).length === 0);
  return [
    ...unused.map(({ file, name }) => `excludes no test: ${file}: ${name}`),
    ...unnamed.map(({ file, name }) => `left out without a reason: ${file}: ${name}`),
    ...empty.map(({ files }) => `excludes no file: ${files}`),
  ];
}

function filesOf(prefix: string, unitFiles: readonly string[]): string[] {
  return unitFiles.filter((file) => file.startsWith(prefix));
}

function isOf(excluded: string | RegExp, name: string): boolean {
  return typeof excluded === 'string' ? name === excluded || name.startsWith(`${excluded} > `) : excluded.test(name);
}
