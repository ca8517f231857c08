import { existsSync, readFileSync } from 'node:fs';
import { inWords } from '../base/phrase.ts';
import { ExitCode, Problem } from '../base/problem.ts';
import type { Host } from '../client/gate/host.ts';
import { Ledger } from '../client/gate/ledger.ts';
import { sshPortOf } from '../client/gate/target.ts';
import { hostCalled, isAt } from '../client/hosts/host-called.ts';
import { addToHostsFile, readGates, restoreHost } from '../client/hosts/hosts-file.ts';
import { readSecretFile } from '../client/keys/identity.ts';
import { usageProblem } from '../command-table/problems.ts';
import type { Arguments } from '../command-table/read-line.ts';
import type { Login } from '../deploy/connection/login.ts';
import type { Prompts } from '../deploy/connection/remote.ts';
import type { DeployUi } from '../deploy/deploy-ui.ts';
import type { Device, Memory } from '../deploy/device.ts';
import type { GateFiles } from '../deploy/installed-files.ts';
import { parseName } from '../spa/enrolment.ts';
import { formatDestination, parsePlainDestination } from '../ssh/destination.ts';
import { changeHosts } from './change-hosts.ts';
import { createNamedKey, defaultName, nameOfKey } from './key-line.ts';
import { hostsPath, keyPath, ledgerPath } from './paths.ts';
import { readPsk, removePsk, writePsk } from './psk-files.ts';
import type { DeployModule, Shell } from './shell.ts';
import type { Asking } from './terminal.ts';

/** Parts that setting up and removing a gate share. */
export interface Session extends Pick<Shell, 'clock' | 'probe' | 'resolve' | 'signal'> {
  readonly host: string;
  /** Destination as ssh takes it. */
  readonly destination: string;
  readonly login: Login;
  readonly device: Device;
  readonly gateFiles: GateFiles;
  readonly ui: Prompts & Pick<DeployUi, 'step'>;
  /** Shows a plan, and asks whether to carry it out. */
  readonly agree: (document: string) => Promise<boolean>;
  /** Whether only to look, and to print the plan. */
  readonly dryRun: boolean;
}

/** Gets everything ready for a deployment to a host; nothing is connected yet. */
export async function startSession(
  asked: string,
  args: Arguments,
  shell: Shell,
  deployment: DeployModule,
  terminal: Asking,
): Promise<Session> {
  const gates = readGates(hostsPath(shell));
  const destination = forSsh(asked, gates);
  const config = args.value('ssh-config');
  const login = await deployment.loginTo(destination, {
    here: { ...shell.account(), env: shell.env },
    prompts: terminal,
    ssh: config === undefined ? ['ssh'] : ['ssh', '-F', config],
    way: wayOf(args),
  });
  const typed = parsePlainDestination(asked)?.host ?? asked;
  const host = parseName(args.value('name') ?? gateAt(typed, login.settings, gates)?.name ?? typed, 'HOST');
  const key = keyPath(args, shell);
  const privateKey = existsSync(key)
    ? readSecretFile(key, shell.owner)
    : createNamedKey(key, defaultName(key, shell), shell);
  const client = { key: shell.crypto.publicKey(privateKey), name: nameOfKey(key, privateKey, shell) };
  const ledger = new Ledger(ledgerPath(key), shell.clock, shell.crypto);
  const device = deployment.deviceOf(client, privateKey, memoryOf(host, shell), { ...shell, ledger });
  const ui = {
    text: (question: string) => terminal.text(question),
    secret: (question: string) => terminal.secret(question),
    confirm: async (question: string, detail?: string) => args.flag('yes') || terminal.confirm(question, detail),
    step: stepsShown(args.flag('verbose'), shell),
  };
  const agree = async (document: string) => {
    // The result is what this command prints; a plan goes to stderr.
    shell.tell(document);
    return args.flag('yes') || terminal.confirm('Do this?');
  };
  const { clock, probe, resolve, signal } = shell;
  const gateFiles = deployment.readGateFiles(shell.programFolder());
  return {
    host,
    destination,
    login,
    device,
    gateFiles,
    ui,
    agree,
    dryRun: args.flag('dry-run'),
    clock,
    probe,
    resolve,
    signal,
  };
}

/** Shows each step, or similar ones in a row once. */
export function stepsShown(isVerbose: boolean, shell: Pick<Shell, 'tell'>): DeployUi['step'] {
  let last = '';
  return (title, inShort = title) => {
    const words = inWords(isVerbose ? title : inShort);
    if (words !== last) shell.tell(`· ${words}`);
    last = words;
  };
}

/** Destination as ssh takes it. A known name is spelt as it is known: ssh distinguishes capitals. */
function forSsh(asked: string, gates: ReadonlyMap<string, Host>): string {
  const typed = parsePlainDestination(asked);
  if (typed === undefined) return asked;
  const known = hostCalled(typed.host, gates)?.name;
  const host = known?.toLowerCase() === typed.host.toLowerCase() ? known : typed.host;
  return formatDestination({ ...typed, host });
}

/** Finds the gate that is meant: by its name, or else by the address and port of its ssh. Two servers may share an address. */
function gateAt(
  typed: string,
  { hostName, port }: Login['settings'],
  gates: ReadonlyMap<string, Host>,
): Host | undefined {
  const named = hostCalled(typed, gates);
  if (named?.name.toLowerCase() === typed.toLowerCase()) return named;
  const isThere = (host: Host) => isAt(host, typed.toLowerCase()) || isAt(host, hostName.toLowerCase());
  return [...gates.values()].find((host) => isThere(host) && sshPortOf(host) === port);
}

/** `--ssh system|library`. */
function wayOf(args: Arguments): 'system' | 'library' | undefined {
  const way = args.value('ssh');
  if (way === undefined || way === 'system' || way === 'library') return way;
  throw usageProblem(`--ssh: ${JSON.stringify(way)} is invalid: expected system or library.`, 'Try: --ssh system');
}

/** Loads the part that sets up gates. */
export async function loadDeployment(shell: Shell): Promise<DeployModule> {
  try {
    return await shell.loadDeployment();
  } catch (error) {
    throw new Problem({
      code: 'deployment-missing',
      what: 'The part that sets up gates is not there.',
      why: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error),
      next: 'Put these files of `npm run build` into one folder: knockgate.cjs, knockgate-commands.cjs, deploy.js, gate-files.json, openpgp.min.cjs.',
      exit: ExitCode.configuration,
    });
  }
}

/** @throws Problem when the psk that the hosts file names cannot be read */
function memoryOf(host: string, shell: Shell): Memory {
  const path = hostsPath(shell);
  const gates = readGates(path);
  return {
    host,
    claimSource: gates.get(host)?.claimSource ?? true,
    known: gates.get(host)?.gate,
    gates: [...gates.values()],
    psk: readPsk(gates.get(host), shell),
    save: async (gate, { psk, sshPort }) => {
      const pskFile = psk && writePsk(host, psk, shell);
      const forgetPsk = () => {
        if (pskFile !== undefined) removePsk(pskFile, shell);
      };
      try {
        const before = await changeHosts(shell, (file, suffix) => {
          const text = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
          addToHostsFile(file, host, gate, true, suffix, { pskFile, sshPort });
          return text;
        });
        return async () => {
          forgetPsk();
          // Other hosts may have been added meanwhile.
          await changeHosts(shell, (file, suffix) => restoreHost(file, host, before, suffix));
        };
      } catch (error) {
        forgetPsk();
        throw error;
      }
    },
  };
}
