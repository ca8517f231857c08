import { ensureTargetRoots } from '../../scripts/target-root.mjs';

/** What the tests boot from takes a minute to make, or several on a busy machine: more than a test may take. */
export default async function prepare(): Promise<void> {
  const missing = await ensureTargetRoots();
  if (missing.length > 0) throw new Error(missing.map(({ name, why }) => `${name} is missing: ${why}`).join('\n'));
}
