import type { Network } from '../spa/addresses.ts';
import type { ClientEnrolment } from '../spa/enrolment.ts';

/** How one gets in when this device or its key is gone. */
export type SecondWay =
  /** A key of its own, kept elsewhere: in a file, or shown once. */
  | { readonly kind: 'recovery-key'; readonly client: ClientEnrolment; readonly file?: string }
  | { readonly kind: 'device'; readonly client: ClientEnrolment }
  /** Networks that are never gated: those of the wishes. */
  | { readonly kind: 'trusted-network' }
  /** Clients or networks that the gate knows from before. */
  | { readonly kind: 'present' }
  /** A person has said so, in so many words. */
  | { readonly kind: 'declined' };

/** What a person wants of a gate. */
export interface Wishes {
  /** What is hidden, as gate.toml has it: `tcp/22`. */
  readonly ports: readonly string[];
  /** UDP ports that are knocked at. */
  readonly knockPorts: readonly number[];
  /** Networks that are never gated. */
  readonly trusted: readonly Network[];
  /** How long the host waits for the confirmation, in seconds. */
  readonly trialSeconds: number;
  /** Installs on a system without systemd: nothing is hidden, started or tried. */
  readonly withoutService: boolean;
}
