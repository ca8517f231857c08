import { parseNetwork } from '../base/addresses.ts';
import { inWords } from '../base/phrase.ts';
import { formatPortRange, parsePortNumber, parsePortRange } from '../base/ports.ts';
import { badText, ExitCode } from '../base/problem.ts';
import { cancelled } from '../client/problems.ts';
import { DEPLOY, UPGRADE } from '../command-table/client/servers.ts';
import type { Arguments } from '../command-table/read-line.ts';
import type { DeployOptions } from '../deploy/deploy-options.ts';
import type { DeployUi } from '../deploy/deploy-ui.ts';
import type { Command } from './command.ts';
import { loadDeployment, type Session, startSession } from './deployment.ts';
import { Documents } from './documents.ts';
import { forHosts, manyAsOne } from './many/for-hosts.ts';
import { SharedRecovery } from './many/shared-recovery.ts';
import { wantedHosts } from './many/wanted-hosts.ts';
import { offerSshEntry } from './offer-ssh-entry.ts';
import { clockNotAccepted, secondWayNotNamed } from './problems.ts';
import { type NamedWay, SecondWayAsked } from './second-way.ts';
import type { DeployModule, Shell } from './shell.ts';
import { type Asking, Terminal } from './terminal.ts';

export const deploy: Command = { entry: DEPLOY, run: (args, shell) => setUp('deploy', args, shell) };

/** Does what `deploy` does for gates that are there. */
export const upgrade: Command = { entry: UPGRADE, run: (args, shell) => setUp('upgrade', args, shell) };

async function setUp(command: 'deploy' | 'upgrade', args: Arguments, shell: Shell): Promise<ExitCode> {
  const wanted = wantedHosts(command, args.positionals[0], args, shell);
  const options = readOptions(args);
  const deployment = await loadDeployment(shell);
  const work = { command, args, options, deployment, documents: new Documents(args) };
  return wanted.single && !args.flag('json')
    ? setUpOne(wanted.names, work, shell)
    : setUpAll(wanted.names, work, shell);
}

/** The work that is the same for every host. */
interface Work {
  readonly command: 'deploy' | 'upgrade';
  readonly args: Arguments;
  readonly options: Partial<DeployOptions>;
  readonly deployment: DeployModule;
  readonly documents: Documents;
}

async function setUpOne([destination = '']: readonly string[], work: Work, shell: Shell): Promise<ExitCode> {
  const { args, options, deployment, documents } = work;
  const terminal = Terminal.of(shell);
  terminal.hush();
  const way = new SecondWayAsked(args, shell, terminal, deployment.RecoveryFile);
  const session = await startSession(destination, args, shell, deployment, terminal);
  const ui = deployUi(session, work, terminal, () => way.choose());
  const secondWay = work.command === 'upgrade' ? NO_OTHER_WAY : await way.named();
  const onlyUpgrade = work.command === 'upgrade';
  const { report, summary, gate } = await deployment.deploy({ ...session, ui, options, secondWay, onlyUpgrade });
  shell.print(documents.shown(report, summary));
  if (gate !== undefined && options.withoutService !== true) {
    if (!onlyUpgrade) await offerSshEntry(session, args, shell, terminal);
  }
  return ExitCode.done;
}

/** A gate keeps the second way in that it has. */
const NO_OTHER_WAY: NamedWay = { kind: 'declined' };

async function setUpAll(hosts: readonly string[], work: Work, shell: Shell): Promise<ExitCode> {
  const { command, args, options, deployment, documents } = work;
  const terminal = Terminal.of(shell);
  const way = new SecondWayAsked(args, shell, terminal, deployment.RecoveryFile);
  const named: NamedWay | undefined = command === 'upgrade' ? NO_OTHER_WAY : await way.named();
  const shared = named?.kind === 'recovery-key' ? new SharedRecovery(named) : undefined;
  if (shared !== undefined && !(await shared.secure())) throw cancelled(hosts.join(', '));
  const isDryRun = args.flag('dry-run');
  const code = await forHosts(hosts, args, shell, args.flag('json'), async (host, one) => {
    const session = manyAsOne(await startSession(host, args, one.shell, deployment, one.asking), args, one);
    const ui = deployUi(session, work, one.asking, () => Promise.reject(secondWayNotNamed(session.host)));
    const secondWay = shared?.forOne() ?? named;
    const onlyUpgrade = command === 'upgrade';
    const { report, summary } = await deployment.deploy({ ...session, ui, options, secondWay, onlyUpgrade });
    const shown = documents.shown(report, summary);
    return { text: isDryRun ? shown : '', value: { report } };
  });
  const left = await shared?.end();
  if (left !== undefined) shell.tell(inWords(left));
  return code;
}

function deployUi(
  session: Session,
  { args, deployment, documents }: Work,
  asking: Asking,
  chooseSecondWay: DeployUi['chooseSecondWay'],
): DeployUi {
  return {
    ...session.ui,
    reached: async () => {},
    approve: async (document, _, summary) => ((await session.agree(documents.shown(document, summary))) ? 'yes' : 'no'),
    chooseSecondWay,
    goOn: async (id, question, detail) => {
      if (id !== deployment.CLOCK_OFF) return session.ui.confirm(question, detail);
      if (args.flag('accept-clock')) return true;
      if (args.flag('yes')) throw clockNotAccepted(session.host, detail);
      return asking.confirm(question, detail);
    },
  };
}

function readOptions(args: Arguments): Partial<DeployOptions> {
  const list = (name: string) => args.value(name)?.split(',');
  const hide = list('hide');
  const knockPorts = list('knock-ports');
  const trust = list('trust');
  const trial = args.value('trial');
  return {
    ...(hide === undefined ? {} : { ports: hide.map((text) => formatPortRange(parsePortRange(text, '--hide'))) }),
    ...(knockPorts === undefined
      ? {}
      : { knockPorts: knockPorts.map((text) => parsePortNumber(text, '--knock-ports')) }),
    ...(trust === undefined ? {} : { trusted: trust.map((text) => parseNetwork(text, '--trust')) }),
    ...(trial === undefined ? {} : { trialSeconds: parseTrial(trial) }),
    withoutService: args.flag('without-service'),
    withoutPsk: args.flag('no-psk'),
  };
}

function parseTrial(text: string): number {
  const seconds = /^[0-9]{2,4}$/.test(text) ? Number(text) : 0;
  if (seconds < 30 || seconds > 3600) throw badText('--trial', text, 'seconds from 30 to 3600');
  return seconds;
}
