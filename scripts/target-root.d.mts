import type { Missing } from './install.mjs';

/** `bare`: a server that one can log in to. `ready`: with what the gate needs. `firewalls`: with ufw and firewalld as well. */
export type TargetKind = 'bare' | 'ready' | 'firewalls';

/** Debian 12 and 13 with systemd, and Debian 12 with OpenRC, which comes without `firewalls`. */
export type TargetSystem = 'bookworm' | 'trixie' | 'openrc';

/** The user who logs in to a target, and the password that sudo may ask for. */
export const TARGET_USER: string;
export const TARGET_PASSWORD: string;

/** Where the tree of a kind of target is. */
export function targetRoot(kind: TargetKind, system: TargetSystem): string;

/** Makes the trees that targets with a system boot from; returns what is still missing. Never throws. */
export function ensureTargetRoots(system: TargetSystem): Promise<Missing[]>;
