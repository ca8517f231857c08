import { readFileSync } from 'node:fs';
import { build } from 'esbuild';

/** A way to spoil the daemon: a text of its source, and what replaces it. */
export interface Sabotage {
  what: string;
  file: string;
  from: string;
  to: string;
}

/** Everybody is let in, knock or no knock. */
export const GRANTS_EVERYTHING: Sabotage = {
  what: 'grants everything',
  file: 'server-helper/firewall/table.ts',
  from: 'dport @gated counter name hidden drop',
  to: 'dport @gated counter name hidden accept',
};

/** Every knock is heard, checked, and refused. */
export const GRANTS_NOTHING: Sabotage = {
  what: 'grants nothing',
  file: 'server-helper/policy/policy.ts',
  from: 'if (rule !== undefined) return { allowed: false, rule };',
  to: "return { allowed: false, rule: 'sabotage' };",
};

/** The knock opens the door as it should, and it stays open. */
export const NEVER_SHUTS: Sabotage = {
  what: 'never shuts the door again',
  file: 'server-helper/policy/policy.ts',
  from: 'seconds: Math.min(asked, client.longestGrant, secondsUntil(client.notAfter, now))',
  to: 'seconds: 3600',
};

/**
 * Builds a daemon that is spoilt on purpose. The source is changed on its way into the bundle, so that the daemon
 * itself needs no hook for it.
 */
export async function buildSpoilt(root: string, { what, file, from, to }: Sabotage, outfile: string): Promise<void> {
  let spoilt = false;
  await build({
    absWorkingDir: root,
    entryPoints: ['server-helper/main.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node18',
    format: 'cjs',
    logLevel: 'warning',
    plugins: [
      {
        name: what,
        setup: ({ onLoad }) => {
          onLoad({ filter: /\.ts$/ }, ({ path }) => {
            if (!path.endsWith(file)) return undefined;
            const parts = readFileSync(path, 'utf8').split(from);
            if (parts.length !== 2) throw new Error(`${file} has "${from}" ${parts.length - 1} times, not once`);
            spoilt = true;
            return { contents: parts.join(to), loader: 'ts' };
          });
        },
      },
    ],
  });
  if (!spoilt) throw new Error(`${file} is not part of the daemon`);
}
