/* Code that asks for actions and alerts, and that runs one: a bundle of its own, dist/knockgated-action.cjs, which bundles.ts loads. */

export { makeActions } from './actions.ts';
export { makeAlerts } from './make-alerts.ts';
export { runAction } from './run-action.ts';
export { actOnSequence } from './sequence-requests.ts';
