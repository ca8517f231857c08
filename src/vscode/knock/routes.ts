import type { Memento } from 'vscode';
import { type Hop, type Look, routeTo } from '../../ssh/route.ts';

const RECORD = 'knockgate.routes';

/**
 * Routes to hosts. Asking ssh costs a process, so its last answers are kept: before a window connects there is no time to ask
 * again.
 */
export class Routes {
  private readonly look: Look;
  private readonly state: Pick<Memento, 'get' | 'update'>;

  constructor(look: Look, state: Pick<Memento, 'get' | 'update'>) {
    this.look = look;
    this.state = state;
  }

  /** Finds the hosts on the way to another, as ssh would go now. */
  async find(name: string): Promise<readonly Hop[]> {
    const hops = await routeTo(name, this.look);
    if (JSON.stringify(this.known(name)) !== JSON.stringify(hops))
      await this.state.update(RECORD, { ...this.record(), [name]: hops });
    return hops;
  }

  /** Last known route; undefined when ssh was never asked. */
  known(name: string): readonly Hop[] | undefined {
    const hops = Object.entries(this.record()).find(([each]) => each === name)?.[1];
    return Array.isArray(hops) && hops.length > 0 && hops.every(isHop) ? hops : undefined;
  }

  private record(): Record<string, unknown> {
    const record = this.state.get<unknown>(RECORD);
    return typeof record === 'object' && record !== null ? { ...record } : {};
  }
}

function isHop(value: unknown): value is Hop {
  if (typeof value !== 'object' || value === null) return false;
  const { name, hostName, port, addressFamily, isDirect }: Record<string, unknown> = { ...value };
  const areTexts = [name, hostName, addressFamily].every((each) => typeof each === 'string');
  return areTexts && typeof port === 'number' && typeof isDirect === 'boolean';
}
