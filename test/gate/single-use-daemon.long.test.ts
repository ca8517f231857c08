import { vi } from 'vitest';
import { hammerInTurns, hammerTogether } from './kernel-opens/together-cases.ts';

vi.setConfig({ testTimeout: 3_600_000 });

hammerTogether(25_000);
hammerInTurns(25_000);
