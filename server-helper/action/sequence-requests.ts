import { type Address, contains, formatAddress, isUnicast } from '../../src/base/addresses.ts';
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import type { GateConfig } from '../config/gate-config.ts';
import { type Completed, parseCompleted } from '../firewall/sequence-log.ts';
import { decide } from '../policy/policy.ts';
import type { Actions } from './actions.ts';

export interface SequenceWishParts {
  readonly actions: Pick<Actions, 'open'>;
  readonly audit: Audit;
  readonly clock: Clock;
}

/** Answer of the configuration to a request. */
type Answer =
  | { readonly allowed: true; readonly action: string; readonly seconds: number }
  | { readonly allowed: false; readonly rule: string };

/**
 * Runs the action of a sequence that was completed, as the kernel reports. The kernel has opened its ports by itself. The action
 * learns only what gate.toml says, and the address, which may be forged. Never rejects.
 * @param prefix text that our rule wrote to the log; anything else is nobody's wish
 */
export async function actOnSequence(
  { actions, audit, clock }: SequenceWishParts,
  prefix: string,
  address: Address,
  config: GateConfig,
): Promise<void> {
  const completed = parseCompleted(prefix);
  if (completed === undefined) return;
  const guest = { client: completed.name, source: formatAddress(address) };
  const answer = isUnicast(address)
    ? answerTo(completed, address, config, clock.wall())
    : ({ allowed: false, rule: 'source' } as const);
  const action = answer.allowed ? config.actions.find(({ name }) => name === answer.action) : undefined;
  if (answer.allowed && action !== undefined) await actions.open(action, { ...guest, seconds: answer.seconds }, false);
  else audit({ event: 'refused', ...guest, reason: 'denied', detail: answer.allowed ? 'no such action' : answer.rule });
}

/** Answers by the configuration in force now: a reload may have come between the packet and us. */
function answerTo(
  { of, name }: Completed,
  address: Address,
  { gate, clients, sequences }: GateConfig,
  now: number,
): Answer {
  if (of === 'client') {
    const client = clients.find((each) => each.name === name);
    if (client?.sequenceAction === undefined) return NO_LONGER;
    const request = { timestamp: now, source: address, duration: 0, ports: [], action: client.sequenceAction };
    return decide(client, request, address, gate.grant, now);
  }
  const sequence = sequences.find((each) => each.name === name);
  if (sequence?.action === undefined) return NO_LONGER;
  const { action, sources, grant: seconds } = sequence;
  const isFrom = sources.length === 0 || sources.some((network) => contains(network, address));
  return isFrom ? { allowed: true, action, seconds } : { allowed: false, rule: 'sources' };
}

const NO_LONGER = { allowed: false, rule: 'no sequence of that name has an action' } as const;
