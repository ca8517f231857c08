import { cycles, type Files, type Import, importsOf } from './imports.ts';

/** Lines. A reader must be able to take in a file; a table of cases may be a little longer. */
const LONGEST_FILE = { product: 350, test: 450 };

const STAGES = ['capture', 'verify', 'policy', 'firewall', 'audit'];

/** Folders that client and gate share. */
const SHARED = [
  'src/activity',
  'src/activity-view',
  'src/base',
  'src/spa',
  'src/fwknop',
  'src/sequence',
  'src/peers',
  'src/firewall-commands',
  'src/command-table',
  'src/fleet',
];
/** Of these, the wire formats with cryptography of their own. */
const FORMATS = ['src/spa', 'src/fwknop', 'src/peers'];

/** A rule for single imports: `forbids` says which ones break it. */
interface Rule {
  reason: string;
  forbids(found: Import): boolean;
}

/** Folders that are bundles of their own: only some daemons need them, or none. */
const BUNDLES = ['action', 'answer', 'decoy', 'fleet', 'fleet-agent', 'fwknop', 'import', 'manage', 'sequence'];

/** Files that make and send packets of fwknop. */
const SPEAKS_FWKNOP = [
  'src/client/fwknop/knock.ts',
  'src/client/fwknop/open.ts',
  'src/fwknop/crypto-noble.ts',
  'src/fwknop/packet.ts',
];

/** Readers of the files of knockd and fwknop, with those of firewall commands: large, and seldom needed. */
const IMPORTERS = ['src/client/fwknop/rc-file.ts', 'src/client/sequence/knockd-door.ts'];

/** The page of the activity view. */
const PAGE = 'src/activity-view/page';

const within = (path: string, ...folders: string[]) => folders.some((folder) => path.startsWith(`${folder}/`));

const isProduct = (path: string) => within(path, 'src', 'server-helper');

/** The folder of the stage that a file of the daemon belongs to. */
const stageOf = (path: string) => STAGES.find((stage) => within(path, `server-helper/${stage}`));

/** The bundle that a file of the daemon belongs to, by its folder. */
const bundleOf = (path: string) => BUNDLES.find((bundle) => within(path, `server-helper/${bundle}`));

/** The suite that a test file belongs to: a folder of test/ such as `test/gate`. */
const suiteOf = (path: string) => (within(path, 'test') ? path.split('/').slice(0, 2).join('/') : undefined);

/** Folders that every suite may use: parts made for several of them, and values that several check against. */
const FOR_ALL_SUITES = ['test/rig', 'test/vectors'];

/** Suites that use other suites, and why. */
const ABOUT_OTHERS: readonly (readonly [suite: string, other: string])[] = [
  // Runs unit tests on Windows.
  ['test/windows', 'test/unit'],
  // Holds the judges and generators of the fuzz targets to what they promise.
  ['test/unit', 'test/fuzz'],
];

/** Rules for every file. */
const RULES: Rule[] = [
  {
    reason: 'an import calls the file by its name, extension included: Node, esbuild and these rules then agree on it',
    forbids: ({ to, own }) => own && !/\.(ts|mjs|cjs|json)$/.test(to),
  },
  {
    reason: 'a suite can be read, moved and run by itself: what several suites use is in test/rig',
    forbids: ({ from, to }) => {
      const [suite, other] = [suiteOf(from), suiteOf(to)];
      if (suite === undefined || other === undefined || suite === other || FOR_ALL_SUITES.includes(other)) return false;
      return !ABOUT_OTHERS.some(([about, theirs]) => about === suite && theirs === other);
    },
  },
  {
    reason: 'bench/ uses the rig as suites do, and no suite: a test can be changed without a look at the figures',
    forbids: ({ from, to }) => within(from, 'bench') && within(to, 'test') && !within(to, ...FOR_ALL_SUITES),
  },
];

/** Rules for the product: tests take it apart, and use what it is made of. */
const PRODUCT_RULES: Rule[] = [
  {
    reason: 'only src/vscode knows the editor: all the rest must run, and be tested, without it',
    forbids: ({ from, to }) => to === 'vscode' && !within(from, 'src/vscode'),
  },
  {
    reason: 'the daemon shares the wire formats with the client and nothing else: client code has no place on a server',
    // package.json gives the version.
    forbids: ({ from, to, own }) =>
      own && within(from, 'server-helper') && !within(to, 'server-helper', ...SHARED) && to !== 'package.json',
  },
  {
    reason: 'src/base is the ground of everything else, and stands alone',
    forbids: ({ from, to, own }) => own && within(from, 'src/base') && !within(to, 'src/base'),
  },
  {
    reason: 'src/os is what an operating system has, and knows nothing of knocks: it builds on src/base alone',
    forbids: ({ from, to, own }) => own && within(from, 'src/os') && !within(to, 'src/os', 'src/base'),
  },
  {
    reason: 'src/spa builds on src/base alone: the wire format is read and reviewed without the rest',
    forbids: ({ from, to, own }) => own && within(from, 'src/spa') && !within(to, 'src/spa', 'src/base'),
  },
  {
    reason: 'src/sequence is shared by client and gate: it is pure, and knows of the rest only what src/spa says',
    forbids: ({ from, to, own }) =>
      within(from, 'src/sequence') && !(own && within(to, 'src/sequence', 'src/spa', 'src/base')),
  },
  {
    reason:
      'src/activity shows what a gate has answered, as text: it is pure, and takes the figures from src/activity-view',
    forbids: ({ from, to, own }) =>
      within(from, 'src/activity') && !(own && within(to, 'src/activity', 'src/activity-view', 'src/base')),
  },
  {
    reason: 'src/command-table says what can be typed, and does nothing: it is pure, and builds on src/base alone',
    forbids: ({ from, to, own }) =>
      within(from, 'src/command-table') && !(own && within(to, 'src/command-table', 'src/base')),
  },
  {
    reason:
      'src/firewall-commands reads what others wrote for their firewalls: it is pure, and builds on src/base alone',
    forbids: ({ from, to, own }) =>
      within(from, 'src/firewall-commands') && !(own && within(to, 'src/firewall-commands', 'src/base')),
  },
  {
    reason:
      'src/activity-view says what a gate answered, for the extension and its page: it is pure, and builds on src/base alone',
    forbids: ({ from, to, own }) =>
      within(from, 'src/activity-view') &&
      !within(from, PAGE) &&
      !(own && within(to, 'src/activity-view', 'src/base') && !within(to, PAGE)),
  },
  {
    reason: 'src/activity-view/page runs in a browser: it takes nothing but what is pure, and its library for plots',
    forbids: ({ from, to, own }) =>
      within(from, PAGE) && !(own && within(to, 'src/activity-view', 'src/base')) && to !== 'uplot',
  },
  {
    reason: 'src/activity-view/page is a program of its own, which runs in a browser: nothing else can load it',
    forbids: ({ from, to }) => !within(from, PAGE) && (within(to, PAGE) || to === 'uplot'),
  },
  {
    reason: 'src/fwknop is a wire format beside our own: it shares the building stones of src/spa and nothing else',
    forbids: ({ from, to, own }) =>
      own && within(from, 'src/fwknop') && !within(to, 'src/fwknop', 'src/spa', 'src/base'),
  },
  {
    reason: 'src/peers has wire formats beside our own: it shares the building stones of the others and nothing else',
    forbids: ({ from, to, own }) =>
      own && within(from, 'src/peers') && !within(to, 'src/peers', 'src/fwknop', 'src/spa', 'src/base'),
  },
  {
    reason:
      'src/spa, src/fwknop and src/peers are pure: clock, randomness and I/O are arguments; only crypto-node.ts takes node:crypto',
    forbids: ({ from, to }) =>
      within(from, ...FORMATS) &&
      to.startsWith('node:') &&
      !(FORMATS.some((format) => from === `${format}/crypto-node.ts`) && to === 'node:crypto'),
  },
  {
    reason: 'the crypto library can be exchanged at one place of each format, crypto-noble.ts',
    forbids: ({ from, to }) =>
      to.startsWith('@noble/') && !FORMATS.some((format) => from === `${format}/crypto-noble.ts`),
  },
  {
    reason:
      'the OpenPGP library is a file that is loaded when it is needed: only src/fwknop/openpgp.ts takes more than its types',
    forbids: ({ from, to, typeOnly }) => to === 'openpgp' && !typeOnly && from !== 'src/fwknop/openpgp.ts',
  },
  {
    reason: 'src/client serves the command line and the editor alike, and so knows neither',
    forbids: ({ from, to }) => within(from, 'src/client') && within(to, 'src/cli', 'src/vscode'),
  },
  {
    reason: 'src/ssh knows what ssh would do, and nothing of knocks: of the client it takes the network alone',
    forbids: ({ from, to, own }) =>
      own && within(from, 'src/ssh') && !within(to, 'src/ssh', 'src/base', 'src/os', 'src/client/network'),
  },
  {
    reason: 'src/client/network carries datagrams and connections for every kind of server, and knows none of them',
    forbids: ({ from, to, own }) =>
      own &&
      within(from, 'src/client/network') &&
      !within(to, 'src/client/network', 'src/base', 'src/os') &&
      to !== 'src/client/problems.ts',
  },
  {
    reason: 'src/deploy serves the command line and the editor alike, and so knows neither',
    forbids: ({ from, to }) => within(from, 'src/deploy') && within(to, 'src/cli', 'src/vscode'),
  },
  {
    reason: 'who sets up no gate loads no ssh2: only src/deploy takes it, which others load when they need it',
    forbids: ({ from, to, typeOnly }) =>
      (to === 'ssh2' && !within(from, 'src/deploy')) ||
      (!typeOnly &&
        within(from, 'src') &&
        !within(from, 'src/deploy') &&
        within(to, 'src/deploy') &&
        to !== 'src/deploy/main.ts'),
  },
  {
    reason: 'what the daemon does not always need is a bundle of its own: only server-helper/bundles.ts loads it',
    forbids: ({ from, to, typeOnly }) => {
      const bundle = bundleOf(to);
      return !typeOnly && bundle !== undefined && bundleOf(from) !== bundle && from !== 'server-helper/bundles.ts';
    },
  },
  {
    reason: 'doors and replay records are in the bundle of the daemon: it hands them to the door of fwknop',
    forbids: ({ from, to, typeOnly }) =>
      !typeOnly &&
      within(from, 'server-helper/fwknop') &&
      (to === 'server-helper/daemon/door.ts' || to.startsWith('server-helper/verify/replay')),
  },
  {
    reason:
      'who knocks at no fwknopd loads none of what speaks to it: the editor takes that from client/fwknop/main.ts alone',
    forbids: ({ from, to, typeOnly }) => !typeOnly && within(from, 'src/vscode') && SPEAKS_FWKNOP.includes(to),
  },
  {
    reason:
      'the editor loads the readers of knockd.conf and .fwknoprc when somebody imports: from client/importers.ts alone',
    forbids: ({ from, to, typeOnly }) => !typeOnly && within(from, 'src/vscode') && IMPORTERS.includes(to),
  },
  {
    reason: 'the product is built without its tests, benchmarks and scripts',
    forbids: ({ from, to }) => within(from, 'src', 'server-helper') && within(to, 'test', 'bench', 'scripts'),
  },
  {
    reason: 'nothing of the daemon is part of what runs on the client',
    forbids: ({ from, to }) => within(from, 'src') && within(to, 'server-helper'),
  },
  {
    reason: 'capture, verify, policy, firewall and audit know each other by type only: each can be swapped',
    forbids: ({ from, to, typeOnly }) => {
      const [stage, other] = [stageOf(from), stageOf(to)];
      return !typeOnly && stage !== undefined && other !== undefined && stage !== other;
    },
  },
  {
    reason: 'server-helper/daemon puts the stages together; a stage that reaches back is not a stage',
    forbids: ({ from, to }) => stageOf(from) !== undefined && within(to, 'server-helper/daemon'),
  },
];

/** A rule for the text of files: `pattern` may be in the files of `allowed` alone. */
interface TextRule {
  reason: string;
  pattern: RegExp;
  allowed: readonly string[];
}

const TEXT_RULES: TextRule[] = [
  {
    reason:
      'the editor hides a notification, so nothing may wait for its buttons: a question is asked by ask.ts, a message is shown by tell.ts',
    pattern: /\bshow(Information|Warning|Error)Message\b/,
    allowed: ['ask.ts', 'tell.ts', 'show-problem.ts', 'window.ts'].map((name) => `src/vscode/ask/${name}`),
  },
  {
    reason: 'a list or an input box that is waited for stays when the focus goes elsewhere: ask.ts sees to that',
    pattern: /\b(showQuickPick|showInputBox|createQuickPick|createInputBox)\b/,
    allowed: ['ask.ts', 'ask-in-steps.ts', 'window.ts'].map((name) => `src/vscode/ask/${name}`),
  },
];

/** Lists faults of these files, a line each, with the reason of the rule that is broken. */
export function violations(files: Files): string[] {
  const imports = importsOf(files);
  const ofProduct = imports.filter(({ from }) => isProduct(from));
  const brokenBy = (found: readonly Import[]) => (rule: Rule) =>
    found.filter(rule.forbids).map(({ from, to }) => `${from} imports ${to}: ${rule.reason}`);
  const forbidden = [...RULES.flatMap(brokenBy(imports)), ...PRODUCT_RULES.flatMap(brokenBy(ofProduct))];
  const round = cycles(imports).map(
    (path) =>
      `${path.join(' -> ')}: a cycle makes the order of loading matter, and of two files neither can be understood first`,
  );
  const long = [...files].flatMap(([path, text]) => {
    const lines = text.trimEnd().split('\n').length;
    const most = isProduct(path) ? LONGEST_FILE.product : LONGEST_FILE.test;
    return lines > most ? [`${path} has ${lines} lines: more than ${most} hold more than one idea`] : [];
  });
  const texts = TEXT_RULES.flatMap(({ reason, pattern, allowed }) => {
    const found = [...files].filter(([path, text]) => isProduct(path) && pattern.test(text) && !allowed.includes(path));
    return found.map(([path]) => `${path}: ${reason}`);
  });
  return [...forbidden, ...round, ...long, ...texts];
}
