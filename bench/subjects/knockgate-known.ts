import { turnsOf } from '../turns.ts';
import { asKnock, startKnockgate, TURNS } from './knockgate.ts';
import type { Subject } from './subject.ts';

/** The same gate, from addresses that it knows: the kernel opens by itself. */
export const knockgateKnown: Subject = {
  name: 'knockgate-known',
  turns: TURNS,
  start: async (ground, load) => {
    const running = await startKnockgate(ground, load, { known: turnsOf(load.clients, load.knocks) });
    return { ...running, knock: async (n, source) => asKnock(running.sealBound(n, source)) };
  },
};
