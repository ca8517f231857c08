/**
 * Marks what the chain `gate` lets in, so that the chain `input` knows it once its address and port are translated. It is a
 * packet priority because marks are used by routing and by containers. Its low bits are 0: a queue treats it as no priority.
 */
const MARK = '6b6e:0';

/** The verdict of a rule of `gate` that opens a hidden port. */
export const LET_IN = `meta priority set ${MARK} accept`;

/** Accepts what was let in. Takes the mark off: a tunnel hands what it unpacks on with it, and that has yet to be judged. */
export const ACCEPT_LET_IN = `meta priority ${MARK} meta priority set none accept`;
