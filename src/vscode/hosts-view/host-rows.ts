import type { AnyHost } from '../../client/any-host.ts';
import type { Problem } from '../../spa/problem.ts';
import type { HostBook } from '../host-book.ts';

/** A row of the hosts view. Commands that are called for one take its `host`. */
export type HostRow =
  | { readonly kind: 'gated'; readonly host: string; readonly configured: AnyHost; readonly behind: string | undefined }
  /** It is in the settings, and wrong there. */
  | { readonly kind: 'broken'; readonly host: string; readonly problem: Problem }
  /** Only ssh knows it. */
  | { readonly kind: 'plain'; readonly host: string };

/**
 * The rows in their order: hosts of the settings as they are written there, then the rest of the SSH configuration.
 * @param behind the host that the gate of one stands behind; undefined for one that can be knocked at from here
 */
export function hostRows(
  { hosts, broken }: HostBook,
  sshAliases: readonly string[],
  behind: (name: string) => string | undefined,
): HostRow[] {
  const gated = [...hosts].map(
    ([host, configured]): HostRow => ({ kind: 'gated', host, configured, behind: behind(host) }),
  );
  const wrong = [...broken].map(([host, problem]): HostRow => ({ kind: 'broken', host, problem }));
  const others = sshAliases.filter((alias) => !hosts.has(alias) && !broken.has(alias));
  return [...gated, ...wrong, ...others.map((host): HostRow => ({ kind: 'plain', host }))];
}
