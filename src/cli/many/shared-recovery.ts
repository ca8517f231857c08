import type { Phrase } from '../../base/phrase.ts';
import type { SecondWay } from '../../deploy/second-way/second-way.ts';
import type { RecoveryWay } from '../second-way.ts';

/** One recovery file for several hosts: a host that fails takes its own line out of it, and no more. */
export class SharedRecovery {
  private readonly way: RecoveryWay;
  private readonly kept = new Set<string>();

  constructor(way: RecoveryWay) {
    this.way = way;
  }

  /** Writes the file. To be called before the hosts are begun, since it may ask. False when the person cancels. */
  secure(): Promise<boolean> {
    return this.way.keeper.secure();
  }

  /** The second way in for one of the hosts. */
  forOne(): SecondWay {
    const { keeper, client } = this.way;
    let name: string | undefined;
    return {
      kind: 'recovery-key',
      client,
      keeper: {
        path: keeper.path,
        secure: async () => true,
        complete: async (host, exported) => {
          await keeper.complete(host, exported);
          name = host;
          this.kept.add(host);
        },
        discard: async () => {
          if (name === undefined) return undefined;
          this.kept.delete(name);
          return keeper.forget(name);
        },
      },
    };
  }

  /** When no host has kept the key, the file is as it was before. Says how it is now; undefined when there is nothing to tell. */
  async end(): Promise<Phrase | undefined> {
    return this.kept.size > 0 ? undefined : this.way.keeper.discard();
  }
}
