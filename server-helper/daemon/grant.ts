import { type Address, formatAddress } from '../../src/base/addresses.ts';
import { formatPortRange } from '../../src/base/ports.ts';
import type { Asker } from '../action/actions.ts';
import type { Audit } from '../audit/audit.ts';
import type { ConfiguredAction } from '../config/action-config.ts';
import type { Firewall } from '../firewall/firewall.ts';
import type { Decision } from '../policy/policy.ts';
import { reasonOf } from '../problems.ts';

/** Starts an action. Never rejects: the result is in the audit log. */
export type Act = (action: ConfiguredAction, asker: Asker) => Promise<void>;

/** Everything that carries out a decision. */
export interface Means {
  readonly firewall: Firewall;
  readonly audit: Audit;
  readonly act: Act;
}

/** The client that gets a grant, and its address. */
export interface Guest {
  /** Name of the client in gate.toml. */
  readonly client: string;
  readonly address: Address;
  /** Said of it in the audit log. */
  readonly detail?: string;
}

/**
 * Opens what was decided, and then starts its action, which nobody waits for.
 * @param actions all of the configuration
 * @returns why the firewall did not open, in which case nothing was done
 */
export async function carryOut(
  { firewall, audit, act }: Means,
  { client, address, detail }: Guest,
  { ports, seconds, action: name }: Extract<Decision, { allowed: true }>,
  actions: readonly ConfiguredAction[],
): Promise<string | undefined> {
  const source = formatAddress(address);
  if (ports.length > 0) {
    try {
      await firewall.grant({ client, address, ports, seconds });
    } catch (error) {
      return reasonOf(error);
    }
    const opened = ports.map(formatPortRange);
    const forwards = ports.flatMap(({ forward }) => forward?.name ?? []);
    audit({
      event: 'granted',
      client,
      source,
      ports: opened,
      seconds,
      ...(forwards.length > 0 && { forwards }),
      ...(detail && { detail }),
    });
  }
  const action = actions.find((each) => each.name === name);
  if (action !== undefined) void act(action, { client, source, seconds });
  return undefined;
}
