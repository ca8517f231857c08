/*
 * Subcommands, which people run now and then and a daemon never: a bundle of its own, dist/knockgated-manage.cjs, which bundles.ts
 * loads.
 */

export { SocketCapture } from '../capture/socket.ts';
export { DryRunFirewall } from '../firewall/dry-run.ts';
export { MemoryFirewall } from '../firewall/memory.ts';
export { subcommand } from './subcommand.ts';
