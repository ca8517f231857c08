import { vi } from 'vitest';
import { hammerFull, hammerTogether } from './kernel-opens/together-cases.ts';

vi.setConfig({ testTimeout: 3_600_000 });

hammerTogether(5000, [2, 3]);
hammerFull(2000);
