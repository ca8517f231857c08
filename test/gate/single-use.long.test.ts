import { vi } from 'vitest';
import { hammerTags } from './single-use/cases.ts';

vi.setConfig({ testTimeout: 900_000 });

hammerTags(100_000);
