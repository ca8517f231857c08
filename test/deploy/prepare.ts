import type { TestProject } from 'vitest/node';
import { ensureTargetRoots } from '../../scripts/target-root.mjs';
import { systemIn } from '../rig/target.ts';

/** Makes what the tests boot from. It takes a minute to make, or several on a busy machine: more than a test may take. */
export default async function prepare({ config }: TestProject): Promise<void> {
  const system = systemIn({ ...process.env, ...config.env });
  const missing = await ensureTargetRoots(system);
  if (missing.length > 0) throw new Error(missing.map(({ name, why }) => `${name} is missing: ${why}`).join('\n'));
}
