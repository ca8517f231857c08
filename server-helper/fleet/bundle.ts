/*
 * Code of a gate in a fleet: a bundle of its own, dist/knockgated-fleet-set.cjs, which bundles.ts loads when the state folder has a
 * folder `fleet`, and for the commands of fleets.
 */

export { adopt, apply, leave, listFromDocuments, statusOf } from './commands.ts';
export { SetInForce } from './source.ts';
