import type { Row } from './row.ts';
import { captureRows } from './rows/capture.ts';
import { clockRows } from './rows/clock.ts';
import { diskRows } from './rows/disk.ts';
import { firewallRows } from './rows/firewall.ts';
import { networkRows } from './rows/network.ts';
import { processRows } from './rows/process.ts';
import { serviceRows } from './rows/service.ts';
import { stateRows } from './rows/state.ts';

/** The matrix of faults. */
export const ROWS: readonly Row[] = [
  ...processRows,
  ...stateRows,
  ...diskRows,
  ...firewallRows,
  ...captureRows,
  ...clockRows,
  ...networkRows,
  ...serviceRows,
];
