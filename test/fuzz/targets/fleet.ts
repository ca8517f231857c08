import { isDeepStrictEqual } from 'node:util';
import { FleetFault } from '../../../src/fleet/fault.ts';
import { compile } from '../../../src/fleet/policy/compile.ts';
import { readPolicy } from '../../../src/fleet/policy/read-policy.ts';
import { HASHING, POLICY } from '../../rig/fleet-policy.ts';
import { type FuzzTarget, must, textTarget } from '../target.ts';

const TESTED = `${POLICY}
[[tests]]
device = "ben/laptop"
gate = "web2"
opens = false
`;

/** Readers of what the people of a fleet write. */
export const FLEET_TARGETS: readonly FuzzTarget[] = [
  textTarget(
    'fleet-policy',
    [POLICY, TESTED],
    (text) => {
      const policy = readPolicy(text);
      const first = compile(policy, 'a'.repeat(64), HASHING);
      must(isDeepStrictEqual(first, compile(policy, 'a'.repeat(64), HASHING)), 'a policy gives the same bytes');
      return policy;
    },
    { declares: (error) => error instanceof FleetFault },
  ),
];
