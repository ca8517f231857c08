import { formatAddress } from '../../src/base/addresses.ts';
import { formatPortRange } from '../../src/base/ports.ts';
import type { Armed, FirewallPlan, GrantRequest } from './firewall.ts';
import { elementOf, renderGrant } from './grants.ts';
import { MemoryFirewall } from './memory.ts';
import { REMOVE_TABLE, renderGated, renderTable } from './table.ts';

/** A firewall that shows the nft commands of the real one and runs none of them. */
export class DryRunFirewall extends MemoryFirewall {
  private readonly show: (commands: string) => void;
  private readonly now: () => number;
  private ipv6Prefix = 128;

  constructor(steady: () => number, show: (commands: string) => void) {
    super(steady);
    this.now = steady;
    this.show = show;
  }

  override async arm(plan: FirewallPlan): Promise<Armed> {
    this.ipv6Prefix = plan.ipv6Prefix;
    this.show(`${renderTable(plan)}${renderGated(plan, this.now())}`);
    return await super.arm(plan);
  }

  override async disarm(): Promise<void> {
    this.show(REMOVE_TABLE);
    await super.disarm();
  }

  override async grant(request: GrantRequest): Promise<void> {
    this.show(
      `# ${request.client} from ${formatAddress(request.address)}: ${request.ports.map(formatPortRange).join(' ')}`,
    );
    for (const port of request.ports)
      this.show(renderGrant(elementOf(request.address, port, this.ipv6Prefix), request.seconds, request.client));
    await super.grant(request);
  }
}
