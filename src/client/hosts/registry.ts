import { fwknopKind } from '../fwknop/kind.ts';
import { gateKind } from '../gate/kind.ts';
import { aldabaKind } from '../peers/aldaba.ts';
import { pyknockKind } from '../peers/pyknock.ts';
import { xtPknockKind } from '../peers/xt-pknock.ts';
import { sequenceKind } from '../sequence/kind.ts';

/** Every kind of server: a new one is a file, or a folder beside these, and a line here. */
export const KINDS = [gateKind, fwknopKind, sequenceKind, pyknockKind, xtPknockKind, aldabaKind] as const;
