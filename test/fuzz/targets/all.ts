import type { FuzzTarget } from '../target.ts';
import { ACTIVITY_TARGETS } from './activity.ts';
import { CAPTURE_TARGETS } from './capture.ts';
import { CLIENT_TARGETS } from './client.ts';
import { FLEET_TARGETS } from './fleet.ts';
import { FWKNOP_TARGETS } from './fwknop.ts';
import { GATE_TARGETS } from './gate.ts';
import { IMPORT_TARGETS } from './imports.ts';
import { PEER_TARGETS } from './peers.ts';
import { SPA_TARGETS } from './spa.ts';
import { SSH_TARGETS } from './ssh.ts';

/** Everything of ours that reads what somebody else has written. */
export const TARGETS: readonly FuzzTarget[] = [
  ...SPA_TARGETS,
  ...FWKNOP_TARGETS,
  ...IMPORT_TARGETS,
  ...PEER_TARGETS,
  ...CLIENT_TARGETS,
  ...SSH_TARGETS,
  ...GATE_TARGETS,
  ...CAPTURE_TARGETS,
  ...ACTIVITY_TARGETS,
  ...FLEET_TARGETS,
];
