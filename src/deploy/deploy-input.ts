import type { Clock } from '../os/clock.ts';
import type { DeployOptions } from './deploy-options.ts';
import type { DeployUi } from './deploy-ui.ts';
import type { GateFiles } from './installed-files.ts';
import type { LoginInput } from './log-in.ts';
import type { SecondWay } from './second-way/second-way.ts';

/** Everything that a deployment needs. */
export interface DeployInput extends LoginInput {
  readonly gateFiles: GateFiles;
  /** Options; an undefined one has its default: the ports that sshd listens on, and the usual knock ports that are free. */
  readonly options: Partial<DeployOptions>;
  /** Second way in; undefined: the person is asked. */
  readonly secondWay: SecondWay | undefined;
  readonly dryRun: boolean;
  /** Whether a server without a gate is left alone. */
  readonly onlyUpgrade?: boolean;
  readonly ui: DeployUi;
  readonly clock: Clock;
}
