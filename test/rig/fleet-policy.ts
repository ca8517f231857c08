import { createHash, createHmac } from 'node:crypto';
import type { Hashing } from '../../src/fleet/policy/compile.ts';
import { nodeVerifier } from '../../src/fleet/verify-node.ts';

export const HASHING: Hashing = {
  sha256: nodeVerifier.sha256,
  hmac: (key, data) => createHmac('sha256', key).update(data).digest(),
};

/** A key that depends on the name alone. */
export const keyOf = (name: string): string => createHash('sha256').update(name).digest('base64url');

/** Seed of the policy. */
export const SEED = keyOf('seed');

/** Part of the policy that is about ben. */
export const BEN = `\n[people.ben]\nlaptop = { key = "${keyOf('ben')}", until = "2027-03-31" }\n`;

/** Anna owns two gates; ben may log in to one of them at work. */
export const POLICY = `format = 1
seed = "${SEED}"
breakGlass = ["anna/laptop"]

[people.anna]
laptop = { key = "${keyOf('anna')}", until = "2028-01-31" }
${BEN}
[teams]
owners = ["anna"]
admins = ["ben"]

[gates]
web1 = { key = "${keyOf('web1')}" }
web2 = { key = "${keyOf('web2')}" }

[[rules]]
team = "owners"
gates = ["web1", "web2"]

[[rules]]
team = "admins"
gates = ["web1"]
ports = ["tcp/22"]
hours = ["mon-fri 08:00-18:00"]
`;

/** The same without ben. */
export const WITHOUT_BEN = POLICY.replace(BEN, '').replace('["ben"]', '[]');
