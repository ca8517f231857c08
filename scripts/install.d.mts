/** A Debian package that is not there, and why it could not be installed. */
export interface Missing {
  name: string;
  why: string;
}

/** The repository. */
export const ROOT: string;

/** Where everything goes that may be deleted at any time. */
export const CACHE: string;

/** Debian packages for the gate's tests and the demo. */
export const GATE_PACKAGES: readonly string[];

/** Installs the npm packages unless what is there is what package-lock.json asks for. Throws when npm fails. */
export function ensureNpm(): Promise<void>;

/** Installs the Debian packages that are missing; returns those that still are. Never throws. */
export function ensureDebian(packages?: readonly string[]): Promise<Missing[]>;

/** Reason why this process may not make namespaces and load firewall rules; undefined when it may. */
export function whyNoGate(): string | undefined;

/** A Node 18 to run the daemon with. */
export function ensureNode18(): Promise<{ path: string } | { path: null; why: string }>;
