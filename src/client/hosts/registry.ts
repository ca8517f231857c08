import { fwknopKind } from '../fwknop/kind.ts';
import { gateKind } from '../gate/kind.ts';
import { sequenceKind } from '../sequence/kind.ts';

/** Every kind of server: a new one is a folder beside these three, and a line here. */
export const KINDS = [gateKind, fwknopKind, sequenceKind] as const;
