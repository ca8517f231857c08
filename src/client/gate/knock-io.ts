import type { Clock } from '../../os/clock.ts';
import type { CryptoProvider } from '../../spa/crypto.ts';
import type { OpenUdpRoute } from '../network/udp.ts';
import type { Probe } from '../network/wait.ts';
import type { Ledger } from './ledger.ts';

/** Everything that reaches outside. */
export interface KnockIo {
  readonly clock: Clock;
  readonly crypto: CryptoProvider;
  readonly openRoute: OpenUdpRoute;
  readonly probe: Probe;
  readonly ledger: Ledger;
}
