import { DIGEST_NAMES, type Digest, MODES, type Mode } from '../../../src/fwknop/algorithms.ts';
import type { Stanza } from '../../rig/fwknopd.ts';

/** One way in which fwknop's own client can make a packet, with a port of its own to ask for. */
export interface Cell {
  readonly stanza: Stanza;
  readonly digest: Digest;
  readonly port: number;
}

const FIRST_PORT = 2001;

/** Every mode with every HMAC, but for the legacy mode, which fwknop's client refuses to use with one. */
export function stanzasOfGrid(): Stanza[] {
  return MODES.flatMap((mode) => {
    const hmacs = mode === 'legacy' ? [undefined] : [undefined, ...DIGEST_NAMES];
    return hmacs.map((hmac) => stanzaOf(mode, hmac));
  });
}

/** Every stanza with every digest. */
export function gridOf(stanzas: readonly Stanza[]): Cell[] {
  let port = FIRST_PORT;
  return stanzas.flatMap((stanza) => DIGEST_NAMES.map((digest) => ({ stanza, digest, port: port++ })));
}

/** The grid as lines: how many of the digests opened for each mode and HMAC. */
export function showGrid(cells: readonly Cell[], opened: ReadonlySet<number>): string[] {
  return MODES.map((mode) => {
    const ofMode = cells.filter(({ stanza }) => stanza.mode === mode);
    const names = [...new Set(ofMode.map(({ stanza }) => stanza.hmac))].map((hmac) => {
      const row = ofMode.filter(({ stanza }) => stanza.hmac === hmac);
      return `${hmac ?? 'none'} ${row.filter(({ port }) => opened.has(port)).length}/${row.length}`;
    });
    return `${mode.padEnd(6)} ${names.join(', ')}`;
  });
}

function stanzaOf(mode: Mode, hmac: Digest | undefined): Stanza {
  const key = `key-${mode}-${hmac ?? 'none'}`.slice(0, mode === 'legacy' ? 16 : 32);
  return { mode, hmac, key, hmacKey: hmac && `hmac-key-of-${mode}-${hmac}` };
}
