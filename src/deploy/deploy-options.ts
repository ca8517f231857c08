import type { Network } from '../base/addresses.ts';

/** Options of the gate, as a person chose them. */
export interface DeployOptions {
  /** Ports to hide, as gate.toml has them: `tcp/22`. */
  readonly ports: readonly string[];
  /** UDP ports that are knocked at. */
  readonly knockPorts: readonly number[];
  /** Networks that need no knock. */
  readonly trusted: readonly Network[];
  /** Seconds that the host waits for the confirmation. */
  readonly trialSeconds: number;
  /** Installs on a system without systemd: nothing is hidden, started or tried. */
  readonly withoutService: boolean;
  /** Makes no pre-shared key for this device. */
  readonly withoutPsk: boolean;
}
