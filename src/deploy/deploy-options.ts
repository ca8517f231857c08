import type { Network } from '../base/addresses.ts';

/** How a person wants the gate to be. */
export interface DeployOptions {
  /** Ports to hide, as gate.toml has them: `tcp/22`. */
  readonly ports: readonly string[];
  /** UDP ports that are knocked at. */
  readonly knockPorts: readonly number[];
  /** Networks that are never gated. */
  readonly trusted: readonly Network[];
  /** How long the host waits for the confirmation, in seconds. */
  readonly trialSeconds: number;
  /** Installs on a system without systemd: nothing is hidden, started or tried. */
  readonly withoutService: boolean;
  /** Makes no pre-shared key for this device. */
  readonly withoutPsk: boolean;
}
