import { createHash } from 'node:crypto';
import { formatNetwork } from '../../base/addresses.ts';
import { phrase } from '../../base/phrase.ts';
import type { ClientEnrolment } from '../../spa/enrolment.ts';
import { formatClientLine } from '../../spa/enrolment.ts';
import { formatKey } from '../../spa/keys.ts';
import type { DeployOptions } from '../deploy-options.ts';
import {
  CONFIG,
  CONFIG_FOLDER,
  type GateFiles,
  LIBRARY_FOLDER,
  MANIFEST,
  OWN_NODE,
  PSK_FOLDER,
  ROLLBACK_SCRIPT,
  SERVICE,
  STATE_FOLDER,
  type TargetFile,
  TRIAL,
  targetFiles,
} from '../installed-files.ts';
import type { Facts } from '../preflight/facts.ts';
import { chooseNode, type NodeChoice, neededPackages } from '../preflight/needs.ts';
import type { SecondWay } from '../second-way/second-way.ts';
import { linkStep } from './links.ts';
import { formatManifest, type Manifest, parseManifest } from './manifest.ts';
import { CANCEL_ROLLBACK, ENABLE_EACH, HOLD_ROLLBACK, type PlannedFile, scheduleRollback } from './rollback.ts';
import { copyProgram, forgetKept, makeFolder, putFile, type Step, shell } from './step.ts';
import { MAKE_USER, REMOVE_USER } from './user.ts';

/** Everything that a deployment will do, known before it does anything. */
export interface Plan {
  /** Steps that run in this order, until one fails; then those that ran are undone in the opposite order. */
  readonly prepare: readonly Step[];
  /** Steps that hide the ports, on trial. Empty when the gate is in force and nothing changes. */
  readonly arm: readonly Step[];
  /** Steps that keep the gate for good, after the checks from outside. */
  readonly confirm: readonly Step[];
  /** Command that prints the line of this gate. */
  readonly keyCommand: readonly string[];
  readonly packages: readonly string[];
  readonly files: readonly PlannedFile[];
  readonly newUser: boolean;
  /** Node that is copied for the daemon; undefined when none is. */
  readonly node: Manifest['node'];
  readonly clients: readonly ClientEnrolment[];
  /** Pre-shared key that this device gets; undefined when it gets none, or has one. */
  readonly psk: Uint8Array | undefined;
  readonly isUpgrade: boolean;
  /** Present version, as far as it is known, and the new one. */
  readonly versions: { readonly before: string | undefined; readonly now: string };
  /** Whether the host goes back to its previous gate when nobody confirms; otherwise it shows its ports. */
  readonly goesBack: boolean;
}

export interface PlanInput {
  readonly facts: Facts;
  readonly options: DeployOptions;
  readonly secondWay: SecondWay;
  readonly gateFiles: GateFiles;
  readonly client: ClientEnrolment;
  /** Pre-shared key for this device and the gate; undefined for none. */
  readonly psk: Uint8Array | undefined;
  /** Address to knock at: the one that ssh reaches the host by. */
  readonly address: string;
  /** Name of the gate in its line. */
  readonly gateName: string;
}

const INSTALL_MS = 600_000;
/** Longer than its unit gives it. */
const START_MS = 120_000;
const NFT = 'inet knockgate';
const CHECK: Step = { title: phrase('Check the configuration'), argv: ['knockgated', 'check'] };
/** Other files of the previous version that are kept. */
const KEPT_BESIDE = [MANIFEST, OWN_NODE];

export function makePlan(input: PlanInput): Plan {
  const { facts, options, secondWay, gateFiles, client } = input;
  const files = targetFiles(gateFiles, options.withoutService).map((file) => ({
    ...file,
    change: changeOf(file, facts),
  }));
  const changed = files.filter(({ change }) => change !== 'unchanged');
  const packages = [...neededPackages(facts)];
  const wanted = [client, ...('client' in secondWay ? [secondWay.client] : [])];
  const clients = unknownClients(wanted, facts.clients);
  const isNew = facts.config === undefined;
  const inForce = facts.active && facts.enabled && changed.length === 0 && packages.length === 0;
  // A socket unit stays off until the owner enables it.
  const units = files
    .filter(({ path, text }) => path.endsWith('.service') && /^\[Install\]$/m.test(text))
    .map(({ path }) => path.slice(path.lastIndexOf('/') + 1));
  const manifest = manifestOf(input, files, packages);
  const isInterrupted = facts.files.has(ROLLBACK_SCRIPT);
  const goesBack = !inForce && ((facts.active && facts.enabled) || isInterrupted);
  const all = [...files, ...KEPT_BESIDE.map((path) => ({ path, change: 'replaced' as const }))];
  const prepare = [
    ...(isInterrupted ? [HOLD_ROLLBACK] : goesBack ? [backToBefore(units)] : []),
    ...packageSteps(packages, input),
    ...libraryStep(facts),
    ...nodeStep(facts),
    ...changed.map(({ path, mode, text }) => putFile(path, mode, 'root:root', text)),
    ...(changed.length > 0 ? [linkStep(isNew)] : []),
    ...userSteps(files, facts, options),
    ...(isNew ? [putFile(CONFIG, '0640', 'root:knockgate', configText(options))] : []),
    ...(changed.length > 0 || isNew ? [putFile(MANIFEST, '0644', 'root:root', formatManifest(manifest))] : []),
  ];
  const own = clients.find(({ key }) => formatKey(key) === formatKey(client.key));
  const psk = own === undefined ? undefined : input.psk;
  const pskFile = own === undefined || psk === undefined ? undefined : `${PSK_FOLDER}/${own.name}.psk`;
  const enrol = [
    ...(psk === undefined || pskFile === undefined ? [] : pskSteps(pskFile, psk)),
    ...clients.map((each) => addClientStep(each, each === own ? pskFile : undefined, isNew)),
  ];
  const keyCommand = ['knockgated', 'key', '--address', input.address, '--name', input.gateName];
  return {
    prepare: inForce && !isNew ? [] : prepare,
    arm:
      inForce || options.withoutService
        ? [...enrol, ...(options.withoutService ? [CHECK] : [])]
        : [
            ...enrol,
            ...(goesBack ? [scheduleRollback(all, units, options.trialSeconds)] : []),
            ...armSteps(options, facts, units),
          ],
    confirm: inForce
      ? []
      : confirmSteps(units, [
          ...all.map(({ path }) => path),
          CONFIG,
          ...(pskFile === undefined ? [] : [pskFile]),
        ]).slice(options.withoutService ? -2 : 0),
    keyCommand,
    packages,
    files: files.map(({ path, change }) => ({ path, change })),
    newUser: !facts.hasUser,
    node: prepare.some(({ argv }) => argv.includes(OWN_NODE)) ? manifest.node : undefined,
    clients,
    psk,
    isUpgrade: !isNew,
    versions: { before: parseManifest(facts.manifest)?.version, now: gateFiles.version },
    goesBack,
  };
}

/** Writes the shortest gate.toml for the options. */
function configText({ ports, knockPorts, trusted }: DeployOptions): string {
  const texts = (values: readonly string[]) => `[${values.map((value) => JSON.stringify(value)).join(', ')}]`;
  return [
    '# What else there is: man gate.toml. After a change: knockgated check && systemctl reload knockgate',
    '[gate]',
    `ports = ${texts(ports)}`,
    `knock_ports = [${knockPorts.join(', ')}]`,
    ...(trusted.length > 0 ? [`trusted_networks = ${texts(trusted.map(formatNetwork))}`] : []),
    '',
  ].join('\n');
}

function changeOf({ path, text }: TargetFile, { files }: Facts): PlannedFile['change'] {
  const sum = files.get(path);
  if (sum === undefined) return 'new';
  return sum === createHash('sha256').update(text).digest('hex') ? 'unchanged' : 'replaced';
}

/** Lists the clients that the gate does not know yet; one whose name belongs to another key gets another name. */
function unknownClients(wanted: readonly ClientEnrolment[], known: ReadonlyMap<string, string>): ClientEnrolment[] {
  const keys = new Set(known.values());
  const names = new Set(known.keys());
  return wanted.flatMap(({ key, name }) => {
    if (keys.has(formatKey(key))) return [];
    let own = name;
    for (let number = 2; names.has(own); number++) own = `${name.slice(0, 59)}-${number}`;
    names.add(own);
    return [{ key, name: own }];
  });
}

/** Step that does nothing, and is undone last of all: it restores the previous gate. */
function backToBefore(units: readonly string[]): Step {
  // Without the file that says until when, the daemon is not on trial when it starts.
  const script = 'set -e; rm -f "$1"; systemctl daemon-reload; systemctl restart "$2"; shift 2';
  const closed = [script, ENABLE_EACH, 'test -z "$failed"', CANCEL_ROLLBACK].join('\n');
  return {
    title: phrase('Note that a gate is in force'),
    argv: ['systemctl', 'is-active', SERVICE],
    undo: shell(closed, TRIAL, SERVICE, ...units),
  };
}

function packageSteps(packages: readonly string[], { facts, gateFiles }: PlanInput): Step[] {
  if (packages.length === 0 || facts.manager === undefined) return [];
  const argv = shell(facts.manager.install, ...packages);
  return [
    { title: phrase('Install the packages {0}', packages.join(', ')), argv, timeoutMs: INSTALL_MS },
    {
      title: phrase('Check the gate’s rules with nft and the kernel'),
      argv: ['nft', '-c', '-f', '-'],
      stdin: gateFiles.table,
    },
  ];
}

function libraryStep({ files, manifest }: Facts): Step[] {
  const isNew = manifest === undefined && ![...files.keys()].some((path) => path.startsWith(`${LIBRARY_FOLDER}/`));
  return [makeFolder(LIBRARY_FOLDER, '0755', 'root', 'root', isNew)];
}

function nodeStep(facts: Facts): Step[] {
  const node = chooseNode(facts);
  if (node.kind !== 'copy' || facts.files.get(OWN_NODE) === node.sha256) return [];
  return [copyProgram(node.path, OWN_NODE, node.sha256)];
}

/** Makes the user and the folders, by files of systemd where it reads them. */
function userSteps(files: readonly TargetFile[], facts: Facts, { withoutService }: DeployOptions): Step[] {
  const named = (folder: string) => files.filter(({ path }) => path.startsWith(folder)).map(({ path }) => path);
  const [sysusers, tmpfiles] = [named('/usr/lib/sysusers.d/'), named('/usr/lib/tmpfiles.d/')];
  const isNew = (folder: string) => !facts.folders.includes(folder);
  return [
    {
      title: phrase('Make the user knockgate'),
      argv: withoutService ? shell(MAKE_USER) : ['systemd-sysusers', ...sysusers],
      ...(facts.hasUser
        ? {}
        : {
            undo: shell(REMOVE_USER),
          }),
    },
    makeFolder(CONFIG_FOLDER, '0750', 'root', 'knockgate', isNew(CONFIG_FOLDER)),
    makeFolder(STATE_FOLDER, '0700', 'knockgate', 'knockgate', isNew(STATE_FOLDER)),
    ...(tmpfiles.length > 0
      ? [{ title: phrase('Make the folders of tmpfiles.d'), argv: ['systemd-tmpfiles', '--create', ...tmpfiles] }]
      : []),
  ];
}

/** Writes the key file. Enrolling the client names it in gate.toml, so the file comes first. */
function pskSteps(path: string, psk: Uint8Array): Step[] {
  return [
    // Key files of other clients keep the folder from being removed.
    {
      ...makeFolder(PSK_FOLDER, '0750', 'root', 'knockgate', false),
      undo: shell('rmdir "$1" 2>/dev/null || :', PSK_FOLDER),
    },
    putFile(path, '0640', 'root:knockgate', `${formatKey(psk)}\n`),
  ];
}

function addClientStep(client: ClientEnrolment, pskFile: string | undefined, isNew: boolean): Step {
  const step = {
    title: phrase('Let {0} knock', client.name),
    argv: [
      ...['knockgated', 'client', 'add', formatClientLine(client)],
      ...(pskFile === undefined ? [] : ['--psk-file', pskFile]),
    ],
  };
  return isNew ? step : { ...step, undo: ['knockgated', 'client', 'remove', client.name] };
}

function armSteps({ trialSeconds }: DeployOptions, facts: Facts, units: readonly string[]): Step[] {
  return [
    CHECK,
    {
      title: phrase('Reload the files of systemd'),
      argv: ['systemctl', 'daemon-reload'],
      undo: ['systemctl', 'daemon-reload'],
    },
    // A reboot before the confirmation must start nothing that hides anything.
    ...(facts.enabled
      ? [
          {
            title: phrase('Do not start it at the next boot until confirmed'),
            argv: ['systemctl', 'disable', ...units],
          },
        ]
      : []),
    {
      title: phrase('Begin a trial of {0} seconds', trialSeconds),
      argv: ['knockgated', 'trial', String(trialSeconds)],
      undo: disarm(),
    },
    {
      title: phrase('Start the gate, which hides the ports'),
      argv: ['systemctl', 'restart', SERVICE],
      undo: disarm(),
      timeoutMs: START_MS,
    },
  ];
}

/** Shows the ports again, whatever state the gate is in. */
export function disarm(): string[] {
  return shell(
    `systemctl stop ${SERVICE} 2>/dev/null; if nft list table ${NFT} >/dev/null 2>&1; then nft delete table ${NFT}; fi`,
  );
}

function confirmSteps(units: readonly string[], kept: readonly string[]): Step[] {
  return [
    { title: phrase('Confirm: the trial ends, the gate stays'), argv: ['knockgated', 'confirm'] },
    { title: phrase('Start it at every boot'), argv: ['systemctl', 'enable', ...units] },
    { title: phrase('End the timer of the trial, so that nothing is rolled back'), argv: shell(CANCEL_ROLLBACK) },
    forgetKept(kept),
    { title: phrase('Write it all to the disk'), argv: ['sync'] },
  ];
}

function manifestOf(
  { facts, gateFiles }: PlanInput,
  files: readonly PlannedFile[],
  packages: readonly string[],
): Manifest {
  const before = parseManifest(facts.manifest);
  const all = (earlier: readonly string[] | undefined, now: readonly string[]) => [
    ...new Set([...(earlier ?? []), ...now]),
  ];
  return {
    version: gateFiles.version,
    files: all(
      before?.files,
      files.map(({ path }) => path),
    ),
    packages: all(before?.packages, packages),
    node: notedNode(chooseNode(facts)) ?? before?.node,
    madeUser: before?.madeUser ?? !facts.hasUser,
  };
}

function notedNode(node: NodeChoice): Manifest['node'] {
  return node.kind === 'copy' ? { path: node.path, version: node.version, sha256: node.sha256 } : undefined;
}
