import { type Address, formatAddress, sameBytes } from '../../src/base/addresses.ts';
import type { Audit } from '../audit/audit.ts';
import type { GateConfig } from '../config/gate-config.ts';
import { establishedFlows } from '../firewall/flows.ts';
import { parseVisit } from './rules.ts';

/** Said of a visitor whose connection was over when the gate looked: an address that only the kernel's firewall has seen can be forged. */
const UNCONFIRMED = 'the connection was over at once: the address may be forged';

/**
 * Notes a visit of a decoy in the audit log, as the kernel reports it.
 * @param prefix text that a rule of ours wrote to the log
 * @param flows finds the connections to some ports
 * @returns whether that is what the text is about
 */
export async function noteVisit(
  audit: Audit,
  prefix: string,
  visitor: Address,
  { decoys }: GateConfig,
  flows = establishedFlows,
): Promise<boolean> {
  const port = parseVisit(prefix);
  if (port === undefined) return false;
  const to = decoys.find((decoy) => decoy.port === port)?.to ?? port;
  const found = await flows([{ protocol: 'tcp', first: to, last: to }]);
  const isConfirmed = found.some(({ address }) => sameBytes(address, visitor));
  const detail = isConfirmed ? {} : { detail: UNCONFIRMED };
  audit({ event: 'decoy-visited', source: formatAddress(visitor), ports: [`tcp/${port}`], ...detail });
  return true;
}
