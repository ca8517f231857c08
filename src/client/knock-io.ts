import type { CryptoProvider } from '../spa/crypto.ts';
import type { Clock } from './clock.ts';
import type { OpenUdpRoute } from './knock.ts';
import type { Ledger } from './ledger.ts';
import type { Probe } from './wait.ts';

/** Everything that reaches outside. */
export interface KnockIo {
  readonly clock: Clock;
  readonly crypto: CryptoProvider;
  readonly openRoute: OpenUdpRoute;
  readonly probe: Probe;
  readonly ledger: Ledger;
}
