/* What people ask for now and then, and a daemon never: a bundle of its own, dist/knockgated-manage.cjs, which parts.ts loads. */
export { subcommand } from './commands/subcommand.ts';
export { DryRunFirewall } from './firewall/dry-run.ts';
export { MemoryFirewall } from './firewall/memory.ts';
