/* What people ask for now and then, and a daemon never: a bundle of its own, dist/knockgated-manage.cjs, which parts.ts loads. */
export { check } from './commands/check.ts';
export { addClient, listClients, listOthers, removeClient } from './commands/client.ts';
export { judgeEvidence } from './commands/evidence.ts';
export { bringIntoForce, key, linkOf } from './commands/key.ts';
export { finishRotation, rotate, rotateBack } from './commands/rotate.ts';
export { confirm, trial } from './commands/trial.ts';
export { DryRunFirewall } from './firewall/dry-run.ts';
export { MemoryFirewall } from './firewall/memory.ts';
export { HELP } from './help.ts';
export { showClients, showGrants, showRemoved, showRevoked, showStatus } from './output.ts';
