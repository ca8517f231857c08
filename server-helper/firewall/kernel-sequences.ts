import type { SequencePlanter } from '../sequence/tree.ts';
import type { LiveGrant, SequencePlan } from './firewall.ts';
import { endsIn, listRules } from './kernel-state.ts';
import { chainNames } from './listing.ts';
import { runNft } from './nft-once.ts';
import { TABLE } from './table-name.ts';

/** Loads what only a gate with sequences needs. */
export type LoadSequences = () => Promise<typeof import('../sequence/bundle.ts')>;

/** The sequences that the kernel follows. */
export class KernelSequences {
  private readonly load: LoadSequences;
  private planter: SequencePlanter | undefined;
  /** Names of all sequences that were set, by the mark that the kernel has: a grant may outlast its sequence. */
  private readonly known = new Map<number, string>();
  private madeEnds: string | undefined;

  constructor(load: LoadSequences) {
    this.load = load;
  }

  /** The chains in which steps are judged and end, as they were last made. */
  get ends(): string | undefined {
    return this.madeEnds;
  }

  /**
   * Replaces the sequences that open.
   * @param chains of the table as it was found, when it is armed
   */
  async set(sequences: readonly SequencePlan[], chains: readonly string[] = []): Promise<void> {
    const { addOrigins, SequencePlanter, renderNoConditions, renderSequences } = await this.load();
    addOrigins(this.known, sequences);
    this.planter ??= new SequencePlanter();
    const leftovers = renderNoConditions(chains, sequences);
    if (leftovers !== '') await runNft(['-f', '-'], leftovers);
    await runNft(['-f', '-'], renderSequences(this.planter.plant(sequences)));
    this.madeEnds = endsIn(await listRules());
  }

  /** Grants of sequences, each with the name of the sequence or its client. */
  async named(grants: LiveGrant[]): Promise<LiveGrant[]> {
    return grants.length === 0 ? grants : await (await this.load()).nameOrigins(grants, this.known);
  }

  /** Takes everything of sequences out of the table. */
  async end(): Promise<void> {
    const chains = chainNames(await listRules());
    // Without the code that knows all parts, the rules that follow sources are emptied: nothing leads to the rest.
    const commands = await this.load().then(
      ({ renderNoSequences }) => renderNoSequences(chains),
      () => `flush chain ${TABLE} sequence`,
    );
    await runNft(['-f', '-'], commands);
  }
}
