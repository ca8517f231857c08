import { type CancellationToken, l10n, ProgressLocation, workspace } from 'vscode';
import { inEnglish, inWords, type Phrase } from '../../base/phrase.ts';
import { sshPortOf } from '../../client/gate/target.ts';
import type { Login } from '../../deploy/connection/login.ts';
import type { Prompts } from '../../deploy/connection/remote.ts';
import type { DeployUi } from '../../deploy/deploy-ui.ts';
import type { Device, Kept, Memory } from '../../deploy/device.ts';
import type { GateFiles } from '../../deploy/installed-files.ts';
import { formatGateLine, type GateEnrolment } from '../../spa/enrolment.ts';
import { formatDestination } from '../../ssh/destination.ts';
import { ownAccount } from '../../ssh/own-account.ts';
import { askText, confirm, insist } from '../ask/ask.ts';
import { window } from '../ask/window.ts';
import { gatesOf } from '../hosts/host-book.ts';
import { type HostFields, writeHost } from '../hosts/write-hosts.ts';
import { destinationOf, hostNameFor } from '../knock/destinations.ts';
import type { Deployment, Parts } from '../parts.ts';
import { HOSTS_SETTING } from '../settings.ts';
import { sshCommand } from '../ssh/ssh-config-files.ts';

/** Parts that setting up, removing and rotating share. */
export interface GateSession {
  /** Name in the settings. */
  readonly host: string;
  readonly login: Login;
  readonly device: Device;
  readonly gateFiles: GateFiles;
  readonly ui: Prompts & Pick<DeployUi, 'step'>;
  readonly ask: Ask;
  readonly clock: Parts['clock'];
  readonly probe: Parts['diagnoseIo']['probe'];
  readonly resolve: Parts['diagnoseIo']['resolve'];
  readonly signal: AbortSignal;
}

/**
 * Asks a question during a session: the notification names it meanwhile.
 * @param what question in a few words
 */
export type Ask = <T>(
  what: string,
  question: (token: CancellationToken) => PromiseLike<T | undefined>,
) => Promise<T | undefined>;

/** Prompts of the editor. A password stays in memory: no setting, log or argument gets it. */
function promptsBy(ask: Ask): Prompts {
  const title = l10n.t('Log In to the Server');
  return {
    secret: (prompt) => ask(prompt, (token) => askText({ title, prompt, password: true }, token)),
    text: (prompt) => ask(prompt, (token) => askText({ title, prompt }, token)),
    confirm: async (question, detail) => {
      return (await ask(question, () => confirm(question, l10n.t('Yes'), detail))) === true;
    },
  };
}

/**
 * Works on the gate of a host, with the steps in a notification that can be cancelled.
 * @param destination name of a host, or a destination as ssh takes it: an alias, an address, `user@host`
 */
export async function withGateSession<T>(
  parts: Parts,
  destination: string,
  title: string,
  work: (session: GateSession, deployment: Deployment) => Promise<T>,
): Promise<T> {
  const host = hostNameFor(destination, parts.hosts());
  const deployment = await parts.loadDeployment();
  // This makes the key of this device when there is none yet.
  const key = await parts.keyring.publicKey();
  const privateKey = await parts.keyring.load();
  const client = { key, name: parts.keyName };
  const psk = await parts.keyring.psk(host);
  const device = deployment.deviceOf(client, privateKey, { ...memoryOf(host, parts), psk }, parts.diagnoseIo);
  const options = { location: ProgressLocation.Notification, title, cancellable: true };
  return window.withProgress(options, async (progress, token) => {
    let doing: string | undefined;
    const step = (title: Phrase) => {
      parts.log.info(`${host}: ${inEnglish(title)}`);
      doing = inWords(title);
      progress.report({ message: doing });
    };
    const ask: Ask = async (what, question) => {
      progress.report({ message: l10n.t('Waiting for your answer: {0}', what) });
      const answer = await insist(
        what,
        () => question(token),
        () => token.isCancellationRequested,
      );
      progress.report({ message: doing ?? '' });
      return answer;
    };
    const prompts = promptsBy(ask);
    const login = await deployment.loginTo(formatDestination(destinationOf(destination, parts)), {
      here: { ...ownAccount(), env: parts.computer.env },
      prompts,
      ssh: sshCommand(parts.computer),
    });
    const { clock, probe, resolve } = parts.diagnoseIo;
    const gateFiles = deployment.readGateFiles(parts.programFolder());
    const signal = signalOf(token);
    const ui = { ...prompts, step };
    return work({ host, login, device, gateFiles, ui, ask, clock, probe, resolve, signal }, deployment);
  });
}

function signalOf(token: CancellationToken): AbortSignal {
  const stop = new AbortController();
  token.onCancellationRequested(() => stop.abort());
  return stop.signal;
}

/** Memory of a host's gate, in the user's settings. */
function memoryOf(host: string, parts: Parts): Omit<Memory, 'psk'> {
  const gates = gatesOf(parts.hosts());
  const known = gates.find(({ name }) => name === host);
  return {
    host,
    claimSource: known?.claimSource ?? true,
    known: known?.gate,
    gates,
    save: async (gate: GateEnrolment, { psk, sshPort }: Kept) => {
      const before = fieldsOf(host);
      const forgetPsk = async () => {
        if (psk !== undefined) await parts.keyring.forgetPsk(host);
      };
      if (psk !== undefined) await parts.keyring.setPsk(host, psk);
      const isUsual = sshPort === undefined || sshPort === sshPortOf(known ?? { ports: [], sshPort: undefined });
      try {
        await writeHost(host, { ...before, gate: formatGateLine(gate), ...(isUsual ? {} : { sshPort }) });
      } catch (error) {
        await forgetPsk();
        throw error;
      }
      return async () => {
        await writeHost(host, before);
        await forgetPsk();
      };
    },
  };
}

function fieldsOf(host: string): HostFields | undefined {
  return workspace.getConfiguration().get<Record<string, HostFields>>(HOSTS_SETTING)?.[host];
}
